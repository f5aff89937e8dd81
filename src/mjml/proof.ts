import { blockRole, boundNames, isSelfContained, namesIn } from './liquid-effect.ts';
import type { LiquidToken } from './liquid-token.ts';
import { liquidError, shown } from './mjml-error.ts';
import type { Chunk } from './survey.ts';

/** What Liquid means depends on what ran before it, and on the blocks that it stands in. */
export type Evidence = {
  /** Of the template. */
  readonly name: string;
  readonly tokens: readonly LiquidToken[];
  readonly chunks: readonly Chunk[];
  /** Numbers of tokens as they stand in what MJML made. */
  readonly found: readonly number[];
};

/** `fixed`: stands once, in the source's order. `fence`: fixed, and changes what Liquid behind it means. */
type Judged = {
  readonly chunk: Chunk;
  readonly tokens: readonly LiquidToken[];
  readonly fixed: boolean;
  readonly fence: boolean;
  /** How many fences stand before it in the source. */
  readonly after: number;
};

/** A block that stands open; `fence` is the number of the fence that opened it. */
type Block = { readonly loop: boolean; readonly fence: number };

/** Fences in their order, and the blocks open before the first and behind each, outermost first. */
type Fences = {
  readonly tokens: readonly (readonly LiquidToken[])[];
  readonly blocks: readonly (readonly Block[])[];
};

/**
 * Shows that the Liquid of the output means what that of the source means, or throws an AppError:
 * - each chunk stands there, whole, each time that it stands there;
 * - tags and whatever is shown in the body stand once, in the order of the source;
 * - what MJML repeats or moves (attributes, what is in the head) gives the same text there: it changes nothing, stands
 *   inside all blocks that it stood in, and no tag in between gives another value to a name in it.
 */
export function prove(evidence: Evidence): void {
  const judged = judge(evidence);
  const byToken = new Map(judged.flatMap((each) => each.chunk.tokens.map((token) => [token, each] as const)));
  const fences = fencesOf(judged);
  const runs = runsOf(evidence, byToken);
  const met = new Set(runs);
  const missing = judged.find((each) => !met.has(each));
  if (missing !== undefined) throw dropped(evidence.name, missing);
  const inOrder = judged.filter(({ fixed }) => fixed);
  let next = 0;
  let passed = 0;
  for (const run of runs) {
    if (run.fixed) {
      if (inOrder[next] !== run) throw moved(evidence.name, run);
      next += 1;
      if (run.fence) passed += 1;
    } else if (!meansTheSame(run, passed, fences)) throw moved(evidence.name, run);
  }
}

function judge({ tokens, chunks }: Evidence): readonly Judged[] {
  let after = 0;
  return chunks.map((chunk) => {
    const own = chunk.tokens.flatMap((index) => tokens[index] ?? []);
    const fence = !isSelfContained(own);
    const shownInBody = chunk.inBody && chunk.kind !== 'attribute';
    const judged = { chunk, tokens: own, fence, fixed: fence || shownInBody, after };
    if (fence) after += 1;
    return judged;
  });
}

/** The output as chunks; each must be whole. */
function runsOf({ name, found }: Evidence, byToken: ReadonlyMap<number, Judged>): readonly Judged[] {
  const runs: Judged[] = [];
  for (let at = 0; at < found.length;) {
    const judged = byToken.get(found[at] ?? -1);
    if (judged === undefined) throw new Error('a word of the output without its chunk');
    if (judged.chunk.tokens.some((token, index) => found[at + index] !== token)) throw moved(name, judged);
    runs.push(judged);
    at += judged.chunk.tokens.length;
  }
  return runs;
}

function fencesOf(judged: readonly Judged[]): Fences {
  const open: Block[] = [];
  const blocks: (readonly Block[])[] = [[]];
  const tokens: (readonly LiquidToken[])[] = [];
  for (const each of judged) {
    if (!each.fence) continue;
    for (const token of each.tokens) {
      const role = blockRole(token);
      if (role === 'close' || role === 'branch') open.pop();
      const loop = token.name === 'for' || token.name === 'tablerow';
      // Each branch is a block of its own.
      if (role === 'open' || role === 'branch') open.push({ loop, fence: tokens.length });
    }
    tokens.push(each.tokens);
    blocks.push([...open]);
  }
  return { tokens, blocks };
}

function meansTheSame({ tokens, after }: Judged, passed: number, fences: Fences): boolean {
  if (passed === after) return true;
  const own = fences.blocks[after] ?? [];
  const around = fences.blocks[passed] ?? [];
  if (own.some((block, index) => around[index] !== block)) return false;
  // A loop around comes back to what stands behind, so all of it counts.
  const loops = around.slice(own.length).filter(({ loop }) => loop);
  const first = Math.min(passed, after, ...loops.map(({ fence }) => fence));
  // A name anywhere in the text counts, and each tag behind: too many refusals here, never one too few.
  const names = new Set(tokens.flatMap(({ text }) => namesIn(text)));
  const bound = fences.tokens.slice(first).flatMap((fence) => fence.flatMap(boundNames));
  return !bound.some((name) => names.has(name));
}

function dropped(name: string, { chunk, tokens }: Judged): Error {
  const [token] = tokens;
  if (token === undefined) throw new Error('a chunk without Liquid');
  return liquidError(
    { name, line: token.line },
    {
      ja: `MJML は ${shown(token.text)} を出力に残しません`,
      en: `MJML leaves ${shown(token.text)} out of its output`,
    },
    hintFor(chunk),
  );
}

function moved(name: string, { chunk, tokens }: Judged): Error {
  const [token] = tokens;
  if (token === undefined) throw new Error('a chunk without Liquid');
  return liquidError(
    { name, line: token.line },
    {
      ja: `MJML は ${shown(token.text)} を、意味が変わるおそれのある場所へ移動または複製します`,
      en: `MJML moves or repeats ${shown(token.text)} where it may mean something else`,
    },
    hintFor(chunk),
  );
}

function hintFor({ attribute }: Chunk): { readonly ja: string; readonly en: string } {
  return attribute === null
    ? { ja: '<mj-body> の中の <mj-raw> に入れてください', en: 'wrap it in <mj-raw> inside <mj-body>' }
    : {
        ja: `属性 ${attribute.name} には決まった値を書くか、その部分を <mj-raw> の HTML にしてください`,
        en: `give the attribute ${attribute.name} a fixed value, or write that part as HTML in <mj-raw>`,
      };
}
