import { spf } from 'mailauth/lib/spf/index.js';
import type { Finding } from '../../findings/index.ts';
import type { DomainTools, SendingSource } from './domain-tools.ts';
import { nodeResolver } from './node-resolver.ts';
import { spfTreeText, widestNetwork } from './spf-text.ts';
import { mostLookups, mostVoids, readSpfTree } from './spf-tree.ts';
import type { SpfNode, SpfTree } from './spf-tree.ts';
import { tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

export type SpfQuestion = {
  readonly domain: string;
  readonly sources: readonly SendingSource[];
  /** It is the domain of the envelope sender, which receivers look at; else one that only some look at. */
  readonly isEnvelope: boolean;
};

/** The SPF record of a domain: whether receivers can use it, whom it lets send, and whether our sources are among them. */
export async function checkSpf(question: SpfQuestion, tools: DomainTools): Promise<readonly Finding[]> {
  const telling = tellingOf(question.domain, tools);
  const tree = await readSpfTree(question.domain, tools.resolver);
  if (tellFault(tree, question, telling)) return telling.found;
  tellLimits(tree, telling);
  tellWidth(tree.root, telling);
  // Over its limits the record is an error for every source alike, which is said already.
  const isOver = tree.lookups > mostLookups || tree.voids > mostVoids;
  if (!isOver) await tellSources(question, telling, tools);
  if (telling.found.every(({ severity }) => severity === 'info'))
    telling.tell('domain.spf-ok', spfTreeText(tree), { values: { lookups: tree.lookups } });
  return telling.found;
}

const faultIds = {
  several: 'domain.spf-several',
  syntax: 'domain.spf-syntax',
  loop: 'domain.spf-loop',
} as const;

/** What makes the record useless to every receiver; true: nothing else is worth saying. */
function tellFault({ root }: SpfTree, { isEnvelope }: SpfQuestion, { tell }: Telling): boolean {
  const broken = faultIn(root);
  if (broken === null) return false;
  const { node, kind } = broken;
  const detail = node.fault?.detail ?? '';
  const evidence = `${node.domain}: ${detail}`;
  const isOwn = node === root;
  // Receivers look at the envelope's domain; some of Japan at the author's besides.
  if (kind === 'none' && isOwn)
    tell('domain.spf-missing', `${node.domain} TXT`, isEnvelope ? {} : { severity: 'warning' });
  else if (kind === 'none') tell('domain.spf-include-missing', evidence, { values: { target: node.domain } });
  else if (kind === 'dns') tell('domain.dns-silent', `${node.domain} TXT: ${detail}`);
  else if (kind !== 'macro') tell(faultIds[kind], `${evidence}${recordLine(node)}`);
  return kind !== 'macro';
}

function recordLine({ record }: SpfNode): string {
  return record === null ? '' : `\n${record}`;
}

type BrokenNode = {
  readonly node: SpfNode;
  readonly kind: NonNullable<SpfNode['fault']>['kind'];
};

/** The first record in the order of evaluation that cannot be used; one behind a macro cannot be known, and is no fault. */
function faultIn(node: SpfNode): BrokenNode | null {
  if (node.fault !== null) return node.fault.kind === 'macro' ? null : { node, kind: node.fault.kind };
  for (const { child } of node.terms) {
    const below = child === null ? null : faultIn(child);
    if (below !== null) return below;
  }
  return null;
}

// Two more, which one more service needs, and the record breaks.
const nearLookups = mostLookups - 1;

function tellLimits(tree: SpfTree, { tell }: Telling): void {
  const { lookups, voids } = tree;
  const evidence = spfTreeText(tree);
  const values = { lookups, voids };
  // RFC 7208 §4.6.4: a permanent error.
  if (lookups > mostLookups) tell('domain.spf-too-many-lookups', evidence, { values });
  else if (lookups >= nearLookups) tell('domain.spf-near-limit', evidence, { values });
  if (voids > mostVoids) tell('domain.spf-too-many-voids', evidence, { values });
}

function tellWidth(root: SpfNode, { tell }: Telling): void {
  const record = root.record ?? '';
  const ending = endOf(root);
  const wide = widestNetwork(root);
  if (ending === '+') tell('domain.spf-allows-all', record);
  else if (wide !== null) tell('domain.spf-too-wide', `${wide.domain}: ${wide.text}`);
  if (ending === '?' || ending === null) tell('domain.spf-no-end', record);
  // RFC 7208 §5.5: SHOULD NOT be published.
  if (root.terms.some(({ term }) => term.name === 'ptr')) tell('domain.spf-ptr', record);
  const all = / [+\-~?]?all (.+)$/i.exec(record)?.[1] ?? '';
  const ignored = all.split(' ').filter((term) => term !== '' && !/^(?!redirect=)[a-z][\w.-]*=/i.test(term));
  // RFC 7208 §5.1: mechanisms behind `all` are ignored, and a redirect is too.
  if (ignored.length > 0) tell('domain.spf-behind-all', record, { values: { ignored: ignored.join(' ') } });
}

/** What is said of everybody else: the qualifier of `all`, here or where a redirect leads; null: nothing. */
function endOf(node: SpfNode): string | null {
  const last = node.terms.at(-1);
  if (last?.term.name === 'all') return last.term.qualifier;
  if (last?.term.name !== 'redirect') return null;
  // A redirect by a macro depends on the mail.
  return last.child === null || last.child.fault !== null ? '~' : endOf(last.child);
}

// RFC 7208 §4.6.4: an evaluation may be limited in time, and never below 20 seconds.
const longestEvaluationMs = 20_000;

/** Result of RFC 7208 §2.6 for a mail from this source. */
export async function spfResult(
  domain: string,
  { ip, hostname }: SendingSource,
  tools: Pick<DomainTools, 'resolver'>,
): Promise<string> {
  const result = await spf({
    sender: `postmaster@${domain}`,
    ip,
    // Only a macro (%{h}) asks for it.
    helo: hostname ?? 'unknown.invalid',
    mta: 'unknown.invalid',
    strict: true,
    maxElapsedTime: longestEvaluationMs,
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- its declaration is that of dns.resolve with all its overloads
    resolver: nodeResolver(tools.resolver) as never,
  });
  return result.status.result;
}

async function tellSources(
  { domain, sources, isEnvelope }: SpfQuestion,
  { tell }: Telling,
  tools: DomainTools,
): Promise<void> {
  const results = await Promise.all(
    sources.map(async (source) => ({ source, result: await spfResult(domain, source, tools) })),
  );
  for (const { source, result } of results) {
    if (result === 'pass') continue;
    const evidence = `${source.ip}${source.hostname === null ? '' : ` (${source.hostname})`}: ${result}`;
    const severity = isEnvelope ? {} : ({ severity: 'warning' } as const);
    tell('domain.spf-source-not-allowed', evidence, { ...severity, values: { ip: source.ip, domain } });
  }
}
