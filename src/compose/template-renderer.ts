import { LiquidError } from 'liquidjs';
import type { Liquid } from 'liquidjs';
import { compileTemplate } from './compile-template.ts';
import type { CompiledTemplate } from './compile-template.ts';
import { tooLarge } from './compose-failure.ts';
import type { ComposeFailure } from './compose-failure.ts';
import type { ComposeLimits } from './liquid-engine.ts';
import { OutputTooLarge, RenderFrame } from './render-frame.ts';
import type { Output, RecipientValues } from './render-frame.ts';
import { renderFailure } from './template.ts';
import type { Template } from './template.ts';

/** One template, compiled, and its rendering for one recipient after the other. */
export type TemplateRenderer = {
  readonly template: Template;
  readonly compiled: CompiledTemplate;
  /** What it puts out, valid until the next call, or why it cannot. */
  readonly render: (values: RecipientValues) => readonly Output[] | ComposeFailure;
};

export type RendererOptions = {
  readonly engine: Liquid;
  readonly defaults: Readonly<Record<string, string>>;
  readonly limits: ComposeLimits;
};

export function createTemplateRenderer(template: Template, options: RendererOptions): TemplateRenderer {
  const { engine, defaults, limits } = options;
  const compiled = compileTemplate(engine, template, defaults);
  const escaping = engine.options.outputEscape !== undefined;
  const frame = new RenderFrame(engine, { escaping, largestUnits: limits.messageBytes });
  return {
    template,
    compiled,
    render(values) {
      frame.start(values);
      try {
        compiled.run(frame);
        return frame.outputs;
      } catch (error) {
        if (error instanceof OutputTooLarge) return tooLarge(limits.messageBytes);
        // liquidjs' errors say what is wrong with template or values; anything else is a bug of ours.
        if (!LiquidError.is(error)) throw error;
        return renderFailure(template, error);
      }
    },
  };
}
