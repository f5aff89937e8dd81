import { calculatedWith, findCalculated, trialsFor } from './calculated.ts';
import { complaint, longestHtml, tooLong } from './complaint.ts';
import type { Compiler } from './compiler.ts';
import { loadCompiler } from './compiler.ts';
import { liquidTokens } from './liquid-token.ts';
import type { LiquidToken } from './liquid-token.ts';
import { misplaced, mjmlError, shown } from './mjml-error.ts';
import { disguise } from './placeholders.ts';
import type { Disguised } from './placeholders.ts';
import { prove } from './proof.ts';
import { rewritten } from './rewrite.ts';
import type { AttributeValue } from './rewrite.ts';
import { survey } from './survey.ts';
import type { Chunk } from './survey.ts';
import { vocabularyOf } from './vocabulary.ts';

/** Where a piece of Liquid of the HTML stands in the MJML: its row and column in the HTML, its line and column in the MJML. */
export type LiquidPlace = readonly [row: number, column: number, line: number, mjmlColumn: number];

export type CompiledMjml = {
  /** HTML with the Liquid of the MJML in it. */
  readonly html: string;
  readonly places: readonly LiquidPlace[];
};

// More Liquid than the longest newsletter has; proving takes up to the square of it.
const mostTokens = 5_000;

/**
 * Compiles MJML to HTML once, with its Liquid untouched. Liquid between elements is put into `<mj-raw>`. Whatever MJML would
 * drop, and Liquid that would mean something else afterwards, is an AppError. The source is one that liquidjs parses.
 */
export async function compileMjml(name: string, source: string): Promise<CompiledMjml> {
  const tokens = liquidTokens(source);
  const crowd = tokens[mostTokens];
  if (crowd !== undefined)
    throw mjmlError(
      { name, line: crowd.line },
      {
        ja: `Liquid が多すぎます（上限 ${mostTokens}）`,
        en: `too many pieces of Liquid (at most ${mostTokens})`,
      },
    );
  const disguised = disguise(source, tokens);
  const compiler = await loadCompiler();
  const vocabulary = vocabularyOf(compiler.preset);
  const chunks = survey({ name, tokens, disguised, vocabulary });
  checkAllPlaced({ name, tokens, chunks });
  const work = { name, tokens, disguised, chunks, compiler };
  const html = await run(work, []);
  prove({ name, tokens, chunks, found: disguised.tokensIn(html) });
  const trials = trialsFor(chunks, vocabulary);
  const calculated = await findCalculated(trials, html, async (values) => await run(work, values));
  if (calculated !== null) throw calculatedWith({ name, tokens }, calculated);
  return restore(html, tokens, disguised);
}

type Work = {
  readonly name: string;
  readonly tokens: readonly LiquidToken[];
  readonly disguised: Disguised;
  readonly chunks: readonly Chunk[];
  readonly compiler: Compiler;
};

/** In a tag, Liquid stands in values; elsewhere the parser takes it for a name, or passes over it. */
function checkAllPlaced({ name, tokens, chunks }: Pick<Work, 'name' | 'tokens' | 'chunks'>): void {
  const placed = new Set(chunks.flatMap((chunk) => chunk.tokens));
  const lost = tokens.find((_, index) => !placed.has(index));
  if (lost === undefined) return;
  throw misplaced(name, lost);
}

/** What MJML makes of it, Liquid disguised; `values` take the places of attributes. */
async function run(work: Work, values: readonly AttributeValue[]): Promise<string> {
  const { disguised, chunks, compiler, name } = work;
  let answer: Awaited<ReturnType<Compiler['compile']>>;
  try {
    answer = await compiler.compile(rewritten(disguised, chunks, values));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const said = shown(error.message);
    throw mjmlError({ name, line: 1 }, { ja: `MJML のエラー: ${said}`, en: `MJML says: ${said}` });
  }
  for (const each of answer.errors) {
    const error = complaint(each, { name, disguised });
    if (error !== null) throw error;
  }
  const at = (kind: Chunk['kind']): string =>
    chunks
      .filter((chunk) => chunk.kind === kind)
      .flatMap((chunk) => chunk.tokens.map((token) => disguised.word(token)))
      .join('');
  const html = `${at('before')}${answer.html.trim()}\n${at('after')}`;
  if (html.length > longestHtml) throw tooLong(name);
  return html;
}

/** Words become Liquid again, exactly as it was written. */
function restore(html: string, tokens: readonly LiquidToken[], disguised: Disguised): CompiledMjml {
  const places: LiquidPlace[] = [];
  let made = '';
  let row = 1;
  let lineBegin = 0;
  const take = (text: string): void => {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      row += 1;
      lineBegin = made.length + at + 1;
    }
    made += text;
  };
  for (const [index, part] of disguised.split(html).entries()) {
    if (index % 2 === 0) {
      take(part);
      continue;
    }
    const token = tokens[Number(part)];
    if (token === undefined) throw new Error('a word without its token');
    places.push([row, made.length - lineBegin + 1, token.line, token.column]);
    take(token.text);
  }
  return { html: made, places };
}
