import type { LiquidToken } from './liquid-token.ts';
import { liquidError, shown } from './mjml-error.ts';
import type { AttributeValue } from './rewrite.ts';
import type { Chunk } from './survey.ts';
import type { Vocabulary } from './vocabulary.ts';

/** An attribute with Liquid in it, and values that it might get from it. */
export type Trial = { readonly chunk: Chunk; readonly samples: readonly string[] };

// Values with which MJML does something else than writing them down, though it calls them strings: it looks for numbers
// or for words in them.
const strings: Readonly<Record<string, readonly string[]>> = {
  'background-position': ['left bottom', '10px 20%'],
  'background-position-x': ['right', '10%'],
  'background-position-y': ['bottom', '10%'],
  'background-size': ['cover', 'contain', '120px'],
  mode: ['fixed-height', 'fluid-height', 'horizontal', 'vertical'],
  inline: ['inline', 'no'],
  hamburger: ['hamburger', 'no'],
  name: ['facebook', 'somebody'],
};
const border = /^(?:inner-)?border(?:-(?:left|right|top|bottom))?$/;

/**
 * MJML calculates with some attributes: with the width of a column, say, that of its images. What Liquid gives comes too late
 * for that. Which attribute it is MJML does not say, so it is tried: the output for a sample value must be the output for
 * the Liquid with the sample in its place.
 */
export function trialsFor(chunks: readonly Chunk[], vocabulary: Vocabulary): readonly Trial[] {
  return chunks.flatMap((chunk) => {
    if (chunk.attribute === null) return [];
    const samples = samplesFor(chunk, vocabulary);
    return samples.length === 0 ? [] : [{ chunk, samples }];
  });
}

function samplesFor({ element, attribute }: Chunk, vocabulary: Vocabulary): readonly string[] {
  if (attribute === null) return [];
  const { name, value } = attribute;
  if (border.test(name)) return /^\d+px /.test(value) ? [] : ['3px solid #abcdef', 'none'];
  const type = vocabulary.attributeType(element, name) ?? 'string';
  if (type.startsWith('string')) return strings[name] ?? [];
  const listed = /\(([^)]*)\)/.exec(type)?.[1]?.split(',') ?? [];
  if (type.startsWith('enum')) return listed.filter((each) => each !== '');
  if (type.startsWith('boolean')) return ['true', 'false'];
  if (type.startsWith('integer')) return ['3', '11'];
  if (!type.startsWith('unit')) return [];
  const sides = type.includes('{1,4}') ? ['3px 5px 7px 9px'] : [];
  return [...listed.flatMap((unit) => (unit === 'auto' ? [] : [`7${unit}`, `41${unit}`])), ...sides];
}

/** What MJML makes of the source with these values. */
type Run = (values: readonly AttributeValue[]) => Promise<string>;

/**
 * The first attribute that MJML calculates with; null when there is none. `html` is the output for the Liquid. All are
 * tried at once, and one after the other only when an output differs.
 */
export async function findCalculated(
  trials: readonly Trial[],
  html: string,
  run: Run,
): Promise<Trial | null> {
  const rounds = Math.max(0, ...trials.map(({ samples }) => samples.length));
  for (let round = 0; round < rounds; round += 1) {
    const values = trials.map(({ chunk, samples }) => ({
      chunk,
      value: samples[round % samples.length] ?? '',
    }));
    if (await holds(values, html, run)) continue;
    for (const [index, value] of values.entries()) {
      if (!(await holds([value], html, run))) return trials[index] ?? null;
    }
    return trials[0] ?? null;
  }
  return null;
}

async function holds(values: readonly AttributeValue[], html: string, run: Run): Promise<boolean> {
  let expected = html;
  for (const { chunk, value } of values) {
    expected = expected.replaceAll(chunk.attribute?.value ?? '', () => value);
  }
  return withoutIds(await run(values)) === withoutIds(expected);
}

/** MJML makes up ids anew each time, for the check boxes of `mj-carousel` and `mj-navbar`. */
function withoutIds(html: string): string {
  return html.replaceAll(/[0-9a-f]{16}/g, '');
}

type Source = { readonly name: string; readonly tokens: readonly LiquidToken[] };

export function calculatedWith(
  { name, tokens }: Source,
  { chunk: { attribute, element, tokens: own } }: Trial,
): Error {
  const token = tokens[own[0] ?? -1];
  if (attribute === null || token === undefined) throw new Error('a trial without its attribute');
  return liquidError(
    { name, line: token.line },
    {
      ja: `<${element}> の属性 ${attribute.name} は MJML が計算に使うため、${shown(token.text)} は書けません`,
      en: `MJML calculates with ${attribute.name} of <${element}>, so ${shown(token.text)} comes too late`,
    },
    {
      ja: `${attribute.name} には決まった値を書いてください`,
      en: `give ${attribute.name} a fixed value`,
    },
  );
}
