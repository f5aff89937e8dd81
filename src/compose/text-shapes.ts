import { quotedPrintablePiece } from '../protocol/message/index.ts';
import type { QuotedPrintablePiece } from '../protocol/message/index.ts';
import { textOfOutputs } from './render-frame.ts';
import type { Output } from './render-frame.ts';
import { textFromHtml } from './text-from-html.ts';
import { escapeHtml } from './value-text.ts';

// Converting 2 KB takes 0.3 ms, as long as an RSA signature, and a campaign has few shapes: one per combination of
// branches, list lengths and empty values. So each shape is converted once, with marks in place of values, and its text
// is kept as pieces that are encoded already.

// Private-use characters that stand for the n-th value while HTML is converted; they need no escaping anywhere.
const markStart = '\uE000';
const markEnd = '\uE001';
const mark = /\uE000(\d{1,7})\uE001/;

// Bounds on what is kept; beyond them all is forgotten and made anew.
const keptShapes = 64;
const keptSteps = 200_000;
const keptRawUnits = 4_000_000;

// White space as html-to-text collapses it.
const whiteSpace = /[ \t\r\n\f\u200B]+/g;
const needsCollapsing = /[\t\r\n\f\u200B]| {2}|^ | $/;

/** How the text of a shape is made; null: by converting each message. */
type ShapeText = {
  /** Static pieces and numbers of values. */
  readonly parts: readonly (QuotedPrintablePiece | number)[];
  /** Values that stand in attributes, where white space is not collapsed; one that has any makes the message be converted. */
  readonly inAttributes: readonly number[];
} | null;

/** One step of a shape; shapes that begin alike share their first steps. */
class Step {
  readonly next = new Map<QuotedPrintablePiece | number | string, Step>();
  /** The step taken last, before the map is asked. */
  lastKey: QuotedPrintablePiece | number | string | null = null;
  lastStep: Step | null = null;
  text: ShapeText | undefined = undefined;
}

// How a value begins and ends takes part in how HTML collapses white space, so it belongs to the shape.
const edges = 5;
const blank = 1;
const leading = 2;
const trailing = 3;
const both = 4;

/** Makes the text part out of what an HTML template put out; the same as converting each message. */
export class TextShapes {
  #root = new Step();
  #shapes = 0;
  #steps = 0;
  #rawUnits = 0;
  readonly #numbers = new Map<string, number>();
  #values: string[] = [];

  /** `outputs` of a template that escapes. */
  text(outputs: readonly Output[]): readonly Output[] {
    this.#values = [];
    this.#numbers.clear();
    const step = this.#walk(outputs);
    if (step.text === undefined) {
      this.#shapes += 1;
      step.text = this.#convert(outputs);
    }
    const { text } = step;
    if (this.#shapes > keptShapes || this.#steps > keptSteps || this.#rawUnits > keptRawUnits) this.#forget();
    const differs =
      text?.inAttributes.some((number) => needsCollapsing.test(this.#values[number] ?? '')) ?? true;
    if (text === null || differs) return [textFromHtml(textOfOutputs(outputs, true))];
    return text.parts.map((part) => (typeof part === 'number' ? collapsed(this.#values[part] ?? '') : part));
  }

  #forget(): void {
    this.#root = new Step();
    this.#shapes = 0;
    this.#steps = 0;
    this.#rawUnits = 0;
  }

  #walk(outputs: readonly Output[]): Step {
    let step = this.#root;
    for (const output of outputs) {
      let key: QuotedPrintablePiece | number | string;
      if (typeof output === 'string') key = isTold(output) ? escapeHtml(output) : this.#valueKey(output);
      else key = 'raw' in output ? output.raw : output;
      if (step.lastKey === key && step.lastStep !== null) step = step.lastStep;
      else step = this.#follow(step, key);
    }
    return step;
  }

  #follow(step: Step, key: QuotedPrintablePiece | number | string): Step {
    let next = step.next.get(key);
    if (next === undefined) {
      next = new Step();
      step.next.set(key, next);
      this.#steps += 1;
      if (typeof key === 'string') this.#rawUnits += key.length;
    }
    step.lastKey = key;
    step.lastStep = next;
    return next;
  }

  #valueKey(value: string): number {
    return this.#number(value) * edges + edgeOf(value);
  }

  /** One value gets one number, so that a link whose text is its address is still seen as such. */
  #number(value: string): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    const number = this.#values.length;
    this.#values.push(value);
    this.#numbers.set(value, number);
    return number;
  }

  #convert(outputs: readonly Output[]): ShapeText {
    let html = '';
    for (const output of outputs) {
      if (typeof output === 'string') html += isTold(output) ? escapeHtml(output) : this.#marked(output);
      else {
        const text = 'raw' in output ? output.raw : output.text;
        if (text.includes(markStart) || text.includes(markEnd)) return null;
        html += text;
      }
    }
    if (!isMarkable(html)) return null;
    // Text and the numbers of marks in turns.
    const parts = textFromHtml(html)
      .split(mark)
      .map((part, index) => (index % 2 === 1 ? Number(part) : quotedPrintablePiece(part)));
    const inAttributes = [...html.matchAll(/<[a-z][^>]*>/gi)].flatMap(([tag]) =>
      tag.split(mark).flatMap((part, index) => (index % 2 === 1 ? [Number(part)] : [])),
    );
    return { parts, inAttributes: [...new Set(inAttributes)] };
  }

  #marked(value: string): string {
    const edge = edgeOf(value);
    if (edge === blank) return ' ';
    const start = edge === leading || edge === both ? ' ' : '';
    const end = edge === trailing || edge === both ? ' ' : '';
    return `${start}${markStart}${this.#number(value)}${markEnd}${end}`;
  }
}

/** Links to `#…` and `mailto:…` are written in their own way, so such a value must stand in the shape itself. */
function isTold(value: string): boolean {
  return value.startsWith('#') || value.startsWith('mailto:');
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d && code !== 0x0b) || code === 0x200b;
}

function edgeOf(value: string): number {
  const starts = isWhiteSpace(value.charCodeAt(0));
  const ends = isWhiteSpace(value.charCodeAt(value.length - 1));
  if (!starts && !ends) return 0;
  if (starts && ends) return value.replaceAll(whiteSpace, '') === '' ? blank : both;
  return starts ? leading : trailing;
}

/** A value inside a text: its white space as HTML shows it; that at its ends stands in the shape. */
function collapsed(value: string): string {
  if (!needsCollapsing.test(value)) return value;
  return value.replaceAll(whiteSpace, ' ').replace(/^ /, '').replace(/ $/, '');
}

/** false when a mark would be read otherwise than its value: white space that counts, names of tags and attributes, list numbers. */
function isMarkable(html: string): boolean {
  if (/<(?:pre|textarea|listing|xmp)\b/i.test(html)) return false;
  // It decides whether the element is shown at all.
  if (/<div\b[^>]*\sstyle\s*=\s*["']?(?:display:)?\uE000/i.test(html)) return false;
  const rest = html
    .replaceAll(/<!--.*?-->/gs, '')
    .replaceAll(/\s(?!start\b|type\b)[a-z][\w:-]*\s*=\s*(?:"[^"]*"|'[^']*')/gi, '');
  return !/<[^>]*\uE000/.test(rest);
}
