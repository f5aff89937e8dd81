import type { Disguised } from './placeholders.ts';
import type { Chunk } from './survey.ts';

/** A value to stand in an attribute in place of the one with Liquid. */
export type AttributeValue = { readonly chunk: Chunk; readonly value: string };

type Edit = { readonly begin: number; readonly end: number; readonly text: string };

/** The disguised MJML as MJML gets it: words between elements in `<mj-raw>`, those before and after the mail left out. */
export function rewritten(
  disguised: Disguised,
  chunks: readonly Chunk[],
  values: readonly AttributeValue[],
): string {
  return edited(disguised.text, [
    ...chunks.flatMap((chunk) => placing(disguised, chunk)),
    ...values.flatMap(({ chunk: { attribute }, value }) =>
      attribute === null ? [] : [{ begin: attribute.begin, end: attribute.end, text: value }],
    ),
  ]);
}

function placing(disguised: Disguised, { kind, tokens }: Chunk): readonly Edit[] {
  if (kind === 'attribute' || kind === 'content') return [];
  return tokens.map((token) => {
    const word = disguised.word(token);
    const begin = disguised.begin(token);
    const text = kind === 'between' ? `<mj-raw>${word}</mj-raw>` : '';
    return { begin, end: begin + word.length, text };
  });
}

function edited(text: string, edits: readonly Edit[]): string {
  let at = 0;
  let made = '';
  for (const edit of edits.toSorted((a, b) => a.begin - b.begin)) {
    made += text.slice(at, edit.begin) + edit.text;
    at = edit.end;
  }
  return made + text.slice(at);
}
