import type { SpfBranch, SpfNode, SpfTree } from './spf-tree.ts';

// A tree of a hundred lines is no longer read.
const mostLines = 60;

/** The tree as lines, each record under the term that leads to it, with the look-ups that it costs. */
export function spfTreeText({ root, lookups, voids }: SpfTree): string {
  const lines = [`${root.domain}: ${lookups} look-ups, ${voids} void`, ...linesOf(root, 1)];
  const shown = lines.slice(0, mostLines);
  return [...shown, ...(lines.length > mostLines ? [`… (${lines.length - mostLines})`] : [])].join('\n');
}

function linesOf(node: SpfNode, depth: number): readonly string[] {
  return node.terms.flatMap((branch) => [
    `${'  '.repeat(depth)}${branch.term.text}${costOf(branch)}`,
    ...(branch.child === null ? [] : linesOf(branch.child, depth + 1)),
  ]);
}

function costOf({ lookups, voids, child }: SpfBranch): string {
  const fault = child === null || child.fault === null ? '' : ` !${child.fault.kind}`;
  if (lookups === 0) return fault;
  return `  [${lookups}${voids > 0 ? `, ${voids} void` : ''}]${fault}`;
}

// No sender has a sixteen-millionth of the Internet; the networks of the largest hosting companies are /10 to /12.
const widestIpv4Bits = 9;
// A provider's whole allocation is a /29 to /32; /19 is the largest that was ever given.
const widestIpv6Bits = 18;

/** The first network in the tree that lets nearly everybody send; null: none. */
export function widestNetwork(node: SpfNode): { readonly domain: string; readonly text: string } | null {
  for (const { term, child } of node.terms) {
    if (term.qualifier === '+' && isWide(term.name, term.value))
      return { domain: node.domain, text: term.text };
    const below = child === null ? null : widestNetwork(child);
    if (below !== null) return below;
  }
  return null;
}

function isWide(name: string, value: string): boolean {
  const bits = Number(/\/(\d+)$/.exec(value)?.[1] ?? Number.NaN);
  if (name === 'ip6') return bits <= widestIpv6Bits;
  if (name === 'ip4') return bits <= widestIpv4Bits;
  const [, four = '32'] = /\/(\d+)(?:\/\/\d+)?$/.exec(value.replace(/\/\/\d+$/, '')) ?? [];
  return (name === 'a' || name === 'mx') && Number(four) <= widestIpv4Bits;
}
