import { Context, LiquidError, RenderError, toValueSync } from 'liquidjs';
import type { Liquid, Template as LiquidTemplate } from 'liquidjs';
import type { QuotedPrintablePiece } from '../protocol/message/index.ts';
import { escapeHtml } from './value-text.ts';

/** Variables by name, without a prototype. */
export type Scope = Record<string, unknown>;

/** What one recipient gives to the templates. */
export type RecipientValues = {
  readonly address: string;
  /** As the recipient brings them, without defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly unsubscribeUrl: string | null;
  readonly notArrivedUrl?: (() => string) | null;
  /** All variables with defaults in place, for liquidjs; made at the first call. */
  readonly scope: () => Scope;
};

/** Text that stands in the output as it is, although the template escapes what it puts out. */
export type RawText = { readonly raw: string };

/** One part of what a template puts out: static text, a value that is still to be escaped, or finished text. */
export type Output = QuotedPrintablePiece | RawText | string;

/** The output would exceed `limits.messageBytes`. */
export class OutputTooLarge extends Error {}

/** One loop under way. */
export type LoopScope = Record<string, unknown>;

/** The state of one rendering of one compiled template. */
export class RenderFrame {
  readonly engine: Liquid;
  readonly escaping: boolean;
  /** The template part under way: what an error names. */
  at: LiquidTemplate | null = null;
  outputs: Output[] = [];
  /** Scopes of the loops around the part under way, outermost first. */
  loops: LoopScope[] = [];
  readonly #largestUnits: number;
  address = '';
  unsubscribeUrl: string | null = null;
  notArrivedUrl: (() => string) | null = null;
  variables: Readonly<Record<string, unknown>> = {};
  #scope: (() => Scope) | null = null;
  #context: Context | null = null;
  #units = 0;

  constructor(engine: Liquid, options: { readonly escaping: boolean; readonly largestUnits: number }) {
    this.engine = engine;
    this.escaping = options.escaping;
    this.#largestUnits = options.largestUnits;
  }

  start(values: RecipientValues): void {
    this.address = values.address;
    this.variables = values.variables;
    this.unsubscribeUrl = values.unsubscribeUrl;
    this.notArrivedUrl = values.notArrivedUrl ?? null;
    this.#scope = values.scope;
    this.#context = null;
    this.#units = 0;
    this.at = null;
    this.outputs = [];
    this.loops = [];
  }

  /** liquidjs' own state, for all that is left to it; made when first needed, as most templates need none. */
  context(): Context {
    this.#context ??= new Context(
      this.#scope?.() ?? {},
      this.engine.options,
      { sync: true },
      { liquid: this.engine },
    );
    return this.#context;
  }

  /** `break` or `continue` was met: the list of parts under way ends. */
  get halted(): boolean {
    const context = this.#context;
    return context !== null && (context.breakCalled || context.continueCalled);
  }

  piece(piece: QuotedPrintablePiece): void {
    this.#count(piece.text.length);
    this.outputs.push(piece);
  }

  /** A value, escaped where the template escapes. */
  value(text: string): void {
    if (text === '') return;
    this.#count(text.length);
    this.outputs.push(text);
  }

  /** Text that is not escaped (any more). */
  raw(text: string): void {
    if (text === '') return;
    this.#count(text.length);
    this.outputs.push(this.escaping ? { raw: text } : text);
  }

  /** What `render` puts out as one text instead. */
  capture(render: () => void): string {
    const { outputs } = this;
    const units = this.#units;
    this.outputs = [];
    render();
    const captured = textOfOutputs(this.outputs, this.escaping);
    this.outputs = outputs;
    this.#units = units;
    return captured;
  }

  /** Throws when the time for this template is up. */
  checkTime(): void {
    const context = this.context();
    // An empty list does nothing but look at liquidjs' clock.
    this.guard((): unknown => toValueSync(this.engine.renderer.renderTemplates([], context)));
  }

  /** Calls what may fail for reasons of the template; the error names the part under way, as liquidjs' do. */
  guard<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw this.failure(error);
    }
  }

  failure(error: unknown): unknown {
    const own = LiquidError.is(error) || error instanceof OutputTooLarge || !(error instanceof Error);
    return own || this.at === null ? error : new RenderError(error, this.at);
  }

  #count(units: number): void {
    this.#units += units;
    if (this.#units > this.#largestUnits) throw new OutputTooLarge();
  }
}

/** The text that outputs stand for. */
export function textOfOutputs(outputs: readonly Output[], escaping: boolean): string {
  let text = '';
  for (const output of outputs) {
    if (typeof output === 'string') text += escaping ? escapeHtml(output) : output;
    else text += 'raw' in output ? output.raw : output.text;
  }
  return text;
}
