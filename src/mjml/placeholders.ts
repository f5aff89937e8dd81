import { lineAt, lineStarts } from './liquid-token.ts';
import type { LiquidToken } from './liquid-token.ts';

/**
 * A source whose Liquid is replaced by words that MJML neither understands nor changes. Liquid itself would not
 * survive: `{% if a < b %}` is no XML, and MJML cuts values at spaces.
 */
export type Disguised = {
  readonly text: string;
  /** Numbers of the tokens whose words stand in a text, in its order. */
  readonly tokensIn: (text: string) => readonly number[];
  /** Texts between the words, and the words' numbers, in turns. */
  readonly split: (text: string) => readonly string[];
  readonly word: (index: number) => string;
  /** Where in `text` a word begins. */
  readonly begin: (index: number) => number;
  readonly hasWord: (text: string) => boolean;
  /** The source's line of a line of `text`, from 1. */
  readonly sourceLine: (line: number) => number;
  /** The source's line of an offset of `text`. */
  readonly lineOf: (offset: number) => number;
};

export function disguise(source: string, tokens: readonly LiquidToken[]): Disguised {
  const prefix = unusedPrefix(source);
  // Of one length, so that no word is the beginning of another.
  const word = (index: number): string => `${prefix}${String(index).padStart(5, '0')}z`;
  const pattern = new RegExp(`${prefix}(\\d{5})z`, 'g');
  const pieces: string[] = [];
  const begins: number[] = [];
  let length = 0;
  const sourceLines: number[] = [];
  let at = 0;
  let line = 1;
  const take = (text: string): void => {
    pieces.push(text);
    length += text.length;
    for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', next + 1)) {
      line += 1;
      sourceLines.push(line);
    }
  };
  sourceLines.push(1);
  for (const [index, token] of tokens.entries()) {
    take(source.slice(at, token.begin));
    begins.push(length);
    pieces.push(word(index));
    length += word(index).length;
    line += token.text.split('\n').length - 1;
    at = token.end;
  }
  take(source.slice(at));
  const text = pieces.join('');
  const starts = lineStarts(text);
  const sourceLine = (each: number): number => sourceLines[each - 1] ?? line;
  return {
    text,
    tokensIn: (each) => [...each.matchAll(pattern)].map(([, digits]) => Number(digits)),
    split: (each) => each.split(pattern),
    word,
    begin: (index) => begins[index] ?? 0,
    hasWord: (each) => each.includes(prefix),
    sourceLine,
    lineOf: (offset) => sourceLine(lineAt(starts, offset)),
  };
}

/** Letters only, so that it is a word for XML, HTML, CSS and URLs alike. */
function unusedPrefix(source: string): string {
  const lower = source.toLowerCase();
  let prefix = 'liquidx';
  while (lower.includes(prefix)) prefix += 'x';
  return prefix;
}
