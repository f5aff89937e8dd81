import { Drop, Tag, toValueSync } from 'liquidjs';
import type { Template as LiquidTemplate } from 'liquidjs';
import { tooLarge } from './compose-failure.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { createEngine } from './liquid-engine.ts';
import type { EngineOptions } from './liquid-engine.ts';
import { parseTemplate, renderTemplate } from './template.ts';
import type { Scope, Template } from './template.ts';
import { textFromHtml } from './text-from-html.ts';

export type RenderedHtml = {
  readonly html: string;
  /** Made from the HTML; null when not asked for. */
  readonly text: string | null;
};

/** The HTML template, ready to render together with the text made from it. */
export type HtmlPart = {
  readonly template: Template;
  /** How the text is made: by conversion of each message, or of each distinct shape. */
  readonly textBy: 'message' | 'shape';
  render(scope: Scope, wantText: boolean): RenderedHtml | ComposeFailure;
};

// Private-use characters that stand for the n-th value while HTML is converted; they need no escaping anywhere.
const markStart = '\uE000';
const markEnd = '\uE001';
const mark = /\uE000(\d{1,6})\uE001/g;

// Tags that only choose or repeat: values in them reach the output untouched. `capture`, `echo`, `liquid`, `tablerow`
// may feed output into filters, where a mark would be taken for the value.
const choosingTags: ReadonlySet<string> = new Set([
  'if', 'unless', 'case', 'for', 'assign', 'comment', '#', 'raw', 'break', 'continue', 'cycle', 'increment', 'decrement',
]); // prettier-ignore

// White space as html-to-text collapses it.
const whiteSpace = /[ \t\r\n\f\u200B]+/g;

// Converting 2 KB takes 0.3 ms, as long as an RSA signature, and a campaign has few shapes: one per combination of
// branches, list lengths and empty values. So each shape is converted once, with marks in place of values.
const keptShapes = 64;

type EscapeHook = { marking: boolean; values: string[]; indexes: Map<string, number> };

/** Compiles the HTML source; autoescape is on, `| raw` opts out. */
export function compileHtml(
  source: { readonly name: string; readonly source: string },
  options: Omit<EngineOptions, 'escape'>,
): HtmlPart {
  const hook: EscapeHook = { marking: false, values: [], indexes: new Map() };
  const engine = createEngine({ ...options, escape: (value) => writeValue(hook, textOf(value)) });
  const template = parseTemplate(engine, source.name, source.source);
  const textBy = canMark(source.source, template.parts) ? 'shape' : 'message';
  const shapes = new Map<string, string>();
  return {
    template,
    textBy,
    render(scope, wantText) {
      // A value that holds the mark's own characters could pass through `| raw` and be taken for one.
      hook.marking =
        wantText && textBy === 'shape' && !Object.values(scope).some((value) => value.includes(markStart));
      const rendered = renderTemplate(engine, template, scope);
      if (typeof rendered !== 'string') return reset(hook, rendered);
      // Before converting, so that a runaway loop is not converted as well.
      if (rendered.length > options.limits.messageBytes)
        return reset(hook, tooLarge(options.limits.messageBytes));
      if (!hook.marking) return { html: rendered, text: wantText ? textFromHtml(rendered) : null };
      const { values } = hook;
      const html = rendered.replaceAll(mark, (_mark, index: string) =>
        escapeHtml(values[Number(index)] ?? ''),
      );
      return reset(hook, { html, text: textOfShape(rendered, values, shapes) });
    },
  };
}

function reset<T>(hook: EscapeHook, result: T): T {
  hook.values = [];
  hook.indexes = new Map();
  return result;
}

/** One value gets one mark, so that a link whose text is its address is still seen as such. */
function writeValue(hook: EscapeHook, value: string): string {
  if (!hook.marking) return escapeHtml(value);
  let index = hook.indexes.get(value);
  if (index === undefined) {
    index = hook.values.length;
    hook.values.push(value);
    hook.indexes.set(value, index);
  }
  return `${markStart}${index}${markEnd}`;
}

function textOfShape(rendered: string, values: readonly string[], shapes: Map<string, string>): string {
  // White space at the ends of a value takes part in how HTML collapses it, so it belongs to the shape; so does emptiness.
  const shape = rendered.replaceAll(mark, (whole, index: string) => {
    const value = (values[Number(index)] ?? '').replaceAll(whiteSpace, ' ');
    if (value === '' || value === ' ') return value;
    return `${value.startsWith(' ') ? ' ' : ''}${whole}${value.endsWith(' ') ? ' ' : ''}`;
  });
  const text = shapes.get(shape) ?? textFromHtml(shape);
  // The most recently used stand last; the first is dropped.
  shapes.delete(shape);
  shapes.set(shape, text);
  if (shapes.size > keptShapes) shapes.delete(shapes.keys().next().value ?? '');
  return text.replaceAll(mark, (_mark, index: string) =>
    trimSpaces((values[Number(index)] ?? '').replaceAll(whiteSpace, ' ')),
  );
}

function trimSpaces(text: string): string {
  return text.replace(/^ /, '').replace(/ $/, '');
}

function canMark(source: string, parts: readonly LiquidTemplate[]): boolean {
  if (source.includes(markStart) || source.includes(markEnd)) return false;
  // White space counts inside these, so a value's own must not be collapsed.
  if (/<(?:pre|textarea|listing|xmp)\b/i.test(source)) return false;
  return parts.every(onlyChooses);
}

function onlyChooses(part: LiquidTemplate): boolean {
  if (part instanceof Tag && !choosingTags.has(part.name)) return false;
  if (part.children === undefined) return true;
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the generator's declared return type, lost by toValueSync
  return (toValueSync(part.children(false, true)) as readonly LiquidTemplate[]).every(onlyChooses);
}

/** A value as liquidjs writes it. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (value instanceof Drop) return textOf(value.valueOf());
  // oxlint-disable-next-line typescript/no-base-to-string -- variables are texts; what else a filter makes shows as in liquidjs
  return String(value);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
