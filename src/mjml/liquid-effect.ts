import type { LiquidToken } from './liquid-token.ts';

const openers = new Set(['if', 'unless', 'case', 'for', 'tablerow', 'capture']);
const branches = new Set(['else', 'elsif', 'elseif', 'when']);
// These leave something behind that later parts see, or end what stands around them.
const effects = new Set([
  'assign',
  'capture',
  'increment',
  'decrement',
  'cycle',
  'liquid',
  'break',
  'continue',
]);

/** What a tag does to the blocks around it. */
export function blockRole({ kind, name }: LiquidToken): 'open' | 'branch' | 'close' | null {
  if (kind !== 'tag') return null;
  if (openers.has(name)) return 'open';
  if (branches.has(name)) return 'branch';
  return name.startsWith('end') ? 'close' : null;
}

/** Prints nothing and opens nothing, so that it may stand before the whole mail. */
export function isQuiet({ kind, name }: LiquidToken): boolean {
  return kind === 'comment' || (kind === 'tag' && name === 'assign');
}

/** Several pieces that give the same text wherever and however often they stand, if their variables are the same. */
export function isSelfContained(tokens: readonly LiquidToken[]): boolean {
  let depth = 0;
  for (const token of tokens) {
    if (token.kind !== 'tag') continue;
    // `offset: continue` goes on where another loop ended.
    if (effects.has(token.name) || (token.name === 'for' && /\bcontinue\b/.test(token.args))) return false;
    const role = blockRole(token);
    if (role === 'open') depth += 1;
    if (role === 'close') depth -= 1;
    if (depth < 0 || (role === 'branch' && depth === 0)) return false;
  }
  return depth === 0;
}

const binding = /\b(assign|capture|increment|decrement|for|tablerow)\s+["']?([^\s="'%|]+)/g;

/** Names that a tag gives another value to, for what follows or for its block. */
export function boundNames({ kind, name, args }: LiquidToken): readonly string[] {
  if (kind !== 'tag') return [];
  const source = name === 'liquid' ? args : `${name} ${args}`;
  return [...source.matchAll(binding)].flatMap(([, tag, bound]) => [
    bound ?? '',
    ...(tag === 'for' || tag === 'tablerow' ? [`${tag}loop`] : []),
  ]);
}

/** Every word that might be a variable; liquidjs takes all beyond ASCII for letters. */
export function namesIn(text: string): readonly string[] {
  return text.split(/[^\w?\u0080-\uffff-]+/).flatMap((word) => [word, word.replaceAll(/^-+|-+$/g, '')]);
}
