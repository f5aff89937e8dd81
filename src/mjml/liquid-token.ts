import { Tokenizer, TypeGuards } from 'liquidjs';

/** One piece of Liquid in a source: an output, a tag, or a whole `comment` or `raw` with what is in it. */
export type LiquidToken = {
  /** Offsets in the source; `end` is behind it. */
  readonly begin: number;
  readonly end: number;
  /** As it is written. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** `output` prints and does nothing else; `comment` does nothing at all. */
  readonly kind: 'output' | 'tag' | 'comment';
  /** Of a tag: `if`, and what stands behind it. */
  readonly name: string;
  readonly args: string;
};

const kinds: Readonly<Record<string, LiquidToken['kind']>> = {
  // No tag at all.
  '': 'output',
  raw: 'output',
  comment: 'comment',
  '#': 'comment',
};

/** All Liquid of a source, as liquidjs itself finds it. The source is one that liquidjs parses. */
export function liquidTokens(source: string): readonly LiquidToken[] {
  const found = new Tokenizer(source).readTopLevelTokens();
  const lines = lineStarts(source);
  const tokens: LiquidToken[] = [];
  /** The tag that ends what is read as a whole, and what has been read of it. */
  let whole: { readonly close: string; readonly opened: LiquidToken } | null = null;
  for (const token of found) {
    if (TypeGuards.isHTMLToken(token)) continue;
    const { begin, end } = token;
    const [name, args] = TypeGuards.isTagToken(token) ? [token.name, token.args] : ['', ''];
    if (whole !== null) {
      if (name !== whole.close) continue;
      tokens.push({ ...whole.opened, end, text: source.slice(whole.opened.begin, end) });
      whole = null;
      continue;
    }
    const line = lineAt(lines, begin);
    const column = begin - (lines[line - 1] ?? 0) + 1;
    const kind = kinds[name] ?? 'tag';
    const opened = { begin, end, text: source.slice(begin, end), line, column, kind, name, args };
    if (name === 'comment' || name === 'raw') whole = { close: `end${name}`, opened };
    else tokens.push(opened);
  }
  return tokens;
}

/** Offsets at which lines begin. */
export function lineStarts(source: string): readonly number[] {
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line of an offset, from 1. */
export function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
