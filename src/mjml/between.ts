import { isQuiet } from './liquid-effect.ts';
import type { LiquidToken } from './liquid-token.ts';
import { liquidError, shown } from './mjml-error.ts';
import type { Vocabulary } from './vocabulary.ts';

export type Element = { readonly name: string; readonly line: number };

type Position = {
  /** Of the template. */
  readonly name: string;
  readonly token: LiquidToken;
  /** Elements around it, outermost first. */
  readonly open: readonly Element[];
  /** Names of all elements begun so far. */
  readonly seen: ReadonlySet<string>;
};

/** What becomes of Liquid between elements: `<mj-raw>` around it, or its place before or after the whole mail. */
export function betweenRule(position: Position, vocabulary: Vocabulary): 'between' | 'before' | 'after' {
  const { token, open, seen } = position;
  const parent = open.at(-1)?.name ?? null;
  if (parent === null) return seen.has('mjml') ? 'after' : 'before';
  if (parent === 'mjml') {
    if (!isQuiet(token)) throw outsideBody(position, '<mjml>');
    return seen.has('mj-body') ? 'after' : 'before';
  }
  if (parent === 'mj-head') {
    // MJML puts what is in the head where it belongs, not where it stands: a block there would embrace nothing.
    if (isQuiet(token)) return 'before';
    if (token.kind === 'output') return 'between';
    throw outsideBody(position, '<mj-head>');
  }
  if (vocabulary.takesRaw(parent)) return 'between';
  throw liquidError(
    { name: position.name, line: token.line },
    {
      ja: `${shown(token.text)} は <${parent}> の要素の間に置けません`,
      en: `${shown(token.text)} cannot stand between the elements of <${parent}>`,
    },
    {
      ja: `<${parent}> 全体の外か、属性の値の中に書いてください`,
      en: `put it around the whole <${parent}>, or into the value of an attribute`,
    },
  );
}

function outsideBody({ name, token }: Position, parent: string): Error {
  return liquidError(
    { name, line: token.line },
    {
      ja: `${shown(token.text)} は ${parent} の要素の間に置けません`,
      en: `${shown(token.text)} cannot stand between the elements of ${parent}`,
    },
    {
      ja: 'MJML は <mj-head> の要素を移動します。<mj-raw> か <mj-style> の中、または <mj-body> の中に書いてください',
      en: 'MJML moves the elements of <mj-head>: write it inside <mj-raw> or <mj-style>, or in <mj-body>',
    },
  );
}
