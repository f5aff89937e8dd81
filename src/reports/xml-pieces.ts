import { reportLimits } from './report-limits.ts';
import type { Mend } from './report.ts';
import type { ReportFault } from './report-fault.ts';
import { depthForOpening, handedName, plainName } from './xml-names.ts';

/**
 * An aggregate report cut into well-formed pieces: each record by itself, and at the end what surrounds them, as one
 * element `feedback`. So the parser behind never sees broken XML, and never more than one record at a time.
 */
export type XmlPieces = {
  readonly frame: string;
  readonly mended: ReadonlySet<Mend>;
};

export type XmlReading =
  | { readonly ok: true; readonly pieces: XmlPieces }
  | { readonly ok: false; readonly fault: ReportFault };

/** Whether a text is, or holds, an aggregate report; also when its markup is escaped as HTML, or its root is missing. */
export function holdsAggregateXml(text: string): boolean {
  return rootStart.test(text) || partStart.test(text) || escapedStart.test(text);
}

// Where nothing but a prolog should stand; a mail's greeting is shorter.
const longestLead = 65_536;

const rootStart = /<(?:[\w.-]{1,40}:)?feedback[\s/>]/i;
const partStart = /<(?:[\w.-]{1,40}:)?(?:report_metadata|policy_published|record)[\s/>]/i;
const escapedStart = /&lt;(?:[\w.-]{1,40}:)?(?:feedback|report_metadata)(?:\s|&gt;)/i;

/** Hands each record to `onRecord` as it is found. Linear in the length of the text. */
export function cutXml(given: string, onRecord: (xml: string) => void): XmlReading {
  const mended = new Set<Mend>();
  let text = given;
  if (!rootStart.test(text) && escapedStart.test(text)) {
    mended.add('html-escaped');
    text = unescapeOnce(text);
  }
  const root = rootStart.exec(text);
  const start = root?.index ?? partStart.exec(text)?.index;
  if (start === undefined) return { ok: false, fault: 'no-report' };
  const before = text.slice(0, start);
  const lead = before.slice(0, longestLead);
  // A DTD is no part of any report; its entities are how XML bombs and XXE begin.
  if (/<!ENTITY/i.test(before)) return { ok: false, fault: 'entities' };
  if (root === null) mended.add('no-root');
  if (lead.replaceAll(/<[^<>]*>|\uFEFF|\s/g, '') !== '' && !before.includes('<!--'))
    mended.add('text-around');
  return new Cutter({ text, start, mended, onRecord }).run();
}

function unescapeOnce(text: string): string {
  return text
    .replaceAll(/&lt;/gi, '<')
    .replaceAll(/&gt;/gi, '>')
    .replaceAll(/&quot;|&#34;/gi, '"')
    .replaceAll(/&amp;/gi, '&');
}

type CutterParts = {
  readonly text: string;
  readonly start: number;
  readonly mended: Set<Mend>;
  readonly onRecord: (xml: string) => void;
};

// An extension's two addresses; whatever is longer is text with a `<` in it.
const longestTag = 4_096;
// A value is cut at 1,000 characters once its entities are decoded (`&#x10FFFF;` is ten); indentation stands before it.
const longestText = 10 * reportLimits.textCharacters;
const longestBlank = 2 * longestText;
const tagSyntax = /^([a-z_][\w.-]{0,79}(?::[a-z_][\w.-]{0,79})?)(\s[^]*)?$/i;
// The only attributes that say something: those of <extension>.
const attributeSyntax = /(?<=\s)(name|definition)\s*=\s*(?:"([^"]{0,1000})"|'([^']{0,1000})')/gi;

/** One pass over the text with the stack of what is open. */
class Cutter {
  readonly #parts: CutterParts;
  readonly #open: string[] = ['feedback'];
  readonly #frame: Piece = { parts: [], characters: 0 };
  #record: Piece | null = null;
  #records = 0;
  #pieces = 0;
  #ended = false;
  readonly #found = new Map<string, number>();

  constructor(parts: CutterParts) {
    this.#parts = parts;
  }

  run(): XmlReading {
    const { text, mended } = this.#parts;
    let at = this.#parts.start;
    while (at < text.length && !this.#ended) {
      const open = text.indexOf('<', at);
      this.#writeText(text.slice(at, open < 0 ? text.length : open), false);
      if (open < 0) break;
      at = this.#markup(open);
      if (this.#open.length > reportLimits.xmlDepth) return { ok: false, fault: 'too-deep' };
      if (this.#isTooMuch()) return { ok: false, fault: 'too-large' };
    }
    if (!this.#ended && !mended.has('no-root')) mended.add('truncated');
    this.#closeTo(1);
    return { ok: true, pieces: { frame: `<feedback>${this.#frame.parts.join('')}</feedback>`, mended } };
  }

  #isTooMuch(): boolean {
    const { records, xmlPiecesInAll } = reportLimits;
    return this.#records > records || this.#pieces > xmlPiecesInAll || isTooMuch(this.#record ?? this.#frame);
  }

  /** Reads what begins at a `<`; answers where to go on. */
  #markup(at: number): number {
    const { text } = this.#parts;
    const second = text[at + 1];
    if (second === '!') return this.#declaration(at);
    const end = this.#find('>', at + 1);
    const next = this.#find('<', at + 1);
    const isTag = end >= 0 && end - at < longestTag && (next < 0 || next > end);
    if (isTag && (second === '?' || this.#tag(text.slice(at + 1, end)))) return end + 1;
    this.#parts.mended.add('tags');
    this.#write('&lt;');
    return at + 1;
  }

  #declaration(at: number): number {
    const { text } = this.#parts;
    if (text.startsWith('<!--', at)) {
      const end = this.#find('-->', at + 4);
      return end < 0 ? at + 4 : end + 3;
    }
    if (text.startsWith('<![CDATA[', at)) {
      const end = this.#find(']]>', at);
      this.#writeText(text.slice(at + 9, end < 0 ? text.length : end), true);
      return end < 0 ? text.length : end + 3;
    }
    const end = this.#find('>', at);
    return end < 0 ? text.length : end + 1;
  }

  /** `indexOf` that looks at each character once per needle: a text of many `<!--` without an end stays linear. */
  #find(needle: string, from: number): number {
    const known = this.#found.get(needle);
    if (known !== undefined && (known < 0 || known >= from)) return known;
    const found = this.#parts.text.indexOf(needle, from);
    this.#found.set(needle, found);
    return found;
  }

  /** false: it is no tag. */
  #tag(inside: string): boolean {
    const closes = inside.startsWith('/');
    const empty = inside.endsWith('/') && !closes;
    const parts = tagSyntax.exec(inside.slice(closes ? 1 : 0, empty ? -1 : undefined).trimEnd());
    if (parts === null) return false;
    const name = plainName(parts[1] ?? '');
    if (closes) this.#close(name);
    else this.#begin(name, parts[2] ?? '', empty);
    return true;
  }

  #begin(name: string, attributes: string, empty: boolean): void {
    if (name === 'feedback') return;
    const depth = depthForOpening(name, this.#open);
    if (depth < this.#open.length) this.#parts.mended.add('tags');
    this.#closeTo(Math.max(1, depth));
    if (name === 'record' && this.#record === null) this.#record = { parts: [], characters: 0 };
    this.#write(`<${handedName(name)}${name === 'extension' ? attributesOf(attributes) : ''}>`);
    this.#open.push(name);
    if (empty) this.#closeTo(this.#open.length - 1);
  }

  #close(name: string): void {
    const place = this.#open.lastIndexOf(name);
    if (name === 'feedback') {
      if (this.#open.length > 1) this.#parts.mended.add('tags');
      this.#ended = true;
      return;
    }
    if (place < this.#open.length - 1) this.#parts.mended.add('tags');
    // An end tag without its start tag says nothing.
    if (place > 0) this.#closeTo(place);
  }

  #closeTo(depth: number): void {
    while (this.#open.length > depth) {
      const name = this.#open.pop() ?? '';
      this.#write(`</${handedName(name)}>`);
      if (name !== 'record' || this.#record === null || this.#open.includes('record')) continue;
      this.#records += 1;
      this.#parts.onRecord(this.#record.parts.join(''));
      this.#record = null;
    }
  }

  /** No value is read beyond its limit; text of megabytes is not even copied. */
  #writeText(text: string, literal: boolean): void {
    const start = text.slice(0, longestBlank).trimStart().slice(0, longestText);
    if (start !== '') this.#write(escapeText(start, literal));
  }

  #write(xml: string): void {
    const target = this.#record ?? this.#frame;
    this.#pieces += 1;
    target.parts.push(xml);
    target.characters += xml.length;
  }
}

/** A record, or all that is none, as it is put together. */
type Piece = { readonly parts: string[]; characters: number };

function isTooMuch({ parts, characters }: Piece): boolean {
  return parts.length > reportLimits.xmlPieces || characters > reportLimits.xmlPieceCharacters;
}

/** Only what cannot stand in text. Entities stay for whoever reads the value; in CDATA `&` means itself. */
function escapeText(text: string, literal = false): string {
  const escaped = literal ? text.replaceAll('&', '&amp;') : text;
  return escaped.includes('<') || escaped.includes('>')
    ? escaped.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    : escaped;
}

function attributesOf(source: string): string {
  const found = [...source.matchAll(attributeSyntax)].slice(0, 2);
  return found
    .map(
      ([, name, double, single]) =>
        ` ${(name ?? '').toLowerCase()}="${escapeText(double ?? single ?? '').replaceAll('"', '&quot;')}"`,
    )
    .join('');
}
