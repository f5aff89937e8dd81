import type { DnsAnswer, Resolver } from '../../net/dns/index.ts';
import { isSpfRecord, lookupTerms, readSpfTerms } from './spf-term.ts';
import type { SpfTerm } from './spf-term.ts';

/** Why a record, or one that it includes, cannot be used (RFC 7208 §2.6). */
export type SpfFault = 'none' | 'several' | 'syntax' | 'dns' | 'loop' | 'macro';

/** A record and everything that it leads to, in the order of evaluation. */
export type SpfNode = {
  readonly domain: string;
  /** null: there is none, or several. */
  readonly record: string | null;
  readonly fault: { readonly kind: SpfFault; readonly detail: string } | null;
  readonly terms: readonly SpfBranch[];
};

/** `lookups`: those of the term itself and below it, as RFC 7208 §4.6.4 counts; `voids`: those that found nothing. */
export type SpfBranch = {
  readonly term: SpfTerm;
  readonly lookups: number;
  readonly voids: number;
  readonly child: SpfNode | null;
};

export type SpfTree = {
  readonly root: SpfNode;
  readonly lookups: number;
  readonly voids: number;
};

/** RFC 7208 §4.6.4: more than so many look-ups, or so many that find nothing, are a permanent error. */
export const mostLookups = 10;
export const mostVoids = 2;

// What is over the limit is still followed, to show how far; a record that never ends is not.
const mostFollowed = 60;
const mostDepth = 12;

type Walk = { readonly dns: Pick<Resolver, 'txt' | 'a' | 'aaaa' | 'mx'>; followed: number };

/** Follows the SPF record of a domain through all includes and redirects. */
export async function readSpfTree(domain: string, dns: Walk['dns']): Promise<SpfTree> {
  const root = await readNode(domain, [], { dns, followed: 0 });
  return { root, ...sumOf(root) };
}

export function sumOf(node: SpfNode): { readonly lookups: number; readonly voids: number } {
  const sum = (pick: (branch: SpfBranch) => number): number =>
    node.terms.reduce((all, each) => all + pick(each), 0);
  return { lookups: sum(({ lookups }) => lookups), voids: sum(({ voids }) => voids) };
}

async function readNode(domain: string, above: readonly string[], walk: Walk): Promise<SpfNode> {
  const broken = (kind: SpfFault, detail: string, record: string | null = null): SpfNode => ({
    domain,
    record,
    fault: { kind, detail },
    terms: [],
  });
  if (domain.includes('%')) return broken('macro', domain);
  if (above.includes(domain) || above.length >= mostDepth)
    return broken('loop', [...above, domain].join(' → '));
  const answer = await walk.dns.txt(domain);
  if (answer.kind === 'failed') return broken('dns', `${answer.cause} (${answer.server})`);
  const records = answer.kind === 'found' ? answer.records.filter(isSpfRecord) : [];
  const [record] = records;
  if (record === undefined) return broken('none', answer.kind);
  if (records.length > 1) return broken('several', records.join('\n'));
  const { terms, wrong } = readSpfTerms(record);
  if (wrong !== null) return broken('syntax', wrong, record);
  const branches: SpfBranch[] = [];
  // One after the other: the order is that of evaluation, and a hostile record is followed no further than the bound.
  for (const term of inForce(terms)) branches.push(await readBranch(term, { domain, above, walk }));
  return { domain, record, fault: null, terms: branches };
}

/** RFC 7208 §6.1: with `all` a redirect is ignored; §5.1: so is what stands behind `all`. */
function inForce(terms: readonly SpfTerm[]): readonly SpfTerm[] {
  const all = terms.findIndex(({ name }) => name === 'all');
  const mechanisms = terms.filter(({ kind }, index) => kind === 'mechanism' && (all < 0 || index <= all));
  return all >= 0 ? mechanisms : [...mechanisms, ...terms.filter(({ name }) => name === 'redirect')];
}

type Place = { readonly domain: string; readonly above: readonly string[]; readonly walk: Walk };

async function readBranch(term: SpfTerm, { domain, above, walk }: Place): Promise<SpfBranch> {
  if (!lookupTerms.has(term.name)) return { term, lookups: 0, voids: 0, child: null };
  if ((walk.followed += 1) > mostFollowed) return { term, lookups: 1, voids: 0, child: null };
  if (term.name === 'include' || term.name === 'redirect') {
    const child = await readNode(term.value.toLowerCase().replace(/\.$/, ''), [...above, domain], walk);
    const below = sumOf(child);
    const isVoid = child.fault?.kind === 'none';
    return { term, lookups: 1 + below.lookups, voids: below.voids + (isVoid ? 1 : 0), child };
  }
  const target = term.value.split('/')[0] ?? '';
  const isVoid = await findsNothing(term, target === '' ? domain : target, walk);
  return { term, lookups: 1, voids: isVoid ? 1 : 0, child: null };
}

/** RFC 7208 §4.6.4: a void look-up has no answer, by an error of name or by an empty list. */
async function findsNothing(term: SpfTerm, target: string, { dns }: Walk): Promise<boolean> {
  // Macros depend on the mail; PTR on the client.
  if (target.includes('%') || term.name === 'ptr') return false;
  const isEmpty = (answer: DnsAnswer<unknown>): boolean =>
    answer.kind === 'nxdomain' || answer.kind === 'nodata';
  if (term.name === 'mx') return isEmpty(await dns.mx(target));
  const [a, aaaa] = await Promise.all([dns.a(target), term.name === 'a' ? dns.aaaa(target) : null]);
  return isEmpty(a) && (aaaa === null || isEmpty(aaaa));
}
