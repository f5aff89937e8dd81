import type { Resolver } from '../../net/dns/index.ts';
import { isDmarcRecord, isNearlyDmarc, readDmarcRecord } from './dmarc-record.ts';
import type { DmarcRecord } from './dmarc-record.ts';
import { silenceText } from './telling.ts';

/** What the DNS tree walk found (RFC 9989 §4.10). */
export type DmarcWalk = {
  /** The record in force; null: none. */
  readonly record: DmarcRecord | null;
  /** Where it stands: the domain itself, or the one it inherits from. */
  readonly recordDomain: string | null;
  readonly organizationalDomain: string;
  /** Names with several records, which receivers throw away. */
  readonly several: readonly { readonly name: string; readonly texts: readonly string[] }[];
  /** Texts at the domain itself that look like a record and are none. */
  readonly nearly: readonly string[];
  /** The first question that got no answer; null: none. */
  readonly silence: string | null;
};

type Step = { readonly domain: string; readonly record: DmarcRecord };
type Walk = {
  readonly steps: Step[];
  readonly several: { readonly name: string; readonly texts: readonly string[] }[];
  readonly nearly: string[];
  silence: string | null;
};

// RFC 9989 §4.10 step 4: from eight labels on the walk goes straight to seven.
const mostLabels = 7;

/** Finds the policy of a domain, and its organizational domain, by walking up the tree. */
export async function walkDmarc(domain: string, resolver: Pick<Resolver, 'txt'>): Promise<DmarcWalk> {
  const walk: Walk = { steps: [], several: [], nearly: [], silence: null };
  let labels = domain.split('.');
  while (labels.length > 0) {
    const name = labels.join('.');
    const record = await recordAt(name, { isFirst: name === domain, walk, resolver });
    if (walk.silence !== null) break;
    if (record !== null) walk.steps.push({ domain: name, record });
    // §4.10 steps 3 and 7: psd=n ends the walk, and so does psd=y.
    if (record !== null && record.publicSuffix !== 'u') break;
    labels = labels.length > mostLabels ? labels.slice(-mostLabels) : labels.slice(1);
  }
  const organizationalDomain = organizationOf(domain, walk.steps);
  // §4.10.1: the domain's own record, else that of the organizational domain, else that of the public suffix.
  const own = walk.steps.find((step) => step.domain === domain);
  const last = walk.steps.at(-1);
  const above =
    walk.steps.find((step) => step.domain === organizationalDomain) ??
    (last?.record.publicSuffix === 'y' ? last : undefined);
  const inForce = own ?? above ?? null;
  return {
    record: inForce?.record ?? null,
    recordDomain: inForce?.domain ?? null,
    organizationalDomain,
    several: walk.several,
    nearly: walk.nearly,
    silence: walk.silence,
  };
}

type Place = { readonly isFirst: boolean; readonly walk: Walk; readonly resolver: Pick<Resolver, 'txt'> };

async function recordAt(domain: string, { isFirst, walk, resolver }: Place): Promise<DmarcRecord | null> {
  const name = `_dmarc.${domain}`;
  const answer = await resolver.txt(name);
  if (answer.kind === 'failed') walk.silence = silenceText(`${name} TXT`, answer);
  if (answer.kind !== 'found') return null;
  const texts = answer.records.filter(isDmarcRecord);
  if (isFirst) walk.nearly.push(...answer.records.filter(isNearlyDmarc));
  // §4.10 step 2: several are as good as none.
  if (texts.length > 1) walk.several.push({ name, texts });
  const [text] = texts;
  return texts.length === 1 && text !== undefined ? readDmarcRecord(text) : null;
}

/** RFC 9989 §4.10.2. */
function organizationOf(domain: string, steps: readonly Step[]): string {
  for (const step of steps) {
    if (step.record.publicSuffix === 'n') return step.domain;
    if (step.record.publicSuffix === 'y' && step.domain !== domain) {
      const count = step.domain.split('.').length + 1;
      return domain.split('.').slice(-count).join('.');
    }
  }
  return steps.at(-1)?.domain ?? domain;
}

/** RFC 9989 §4.4: whether the domain that SPF or DKIM proved counts as the author's. */
export async function isAligned(
  proved: string,
  author: { readonly domain: string; readonly organizationalDomain: string; readonly strict: boolean },
  resolver: Pick<Resolver, 'txt'>,
): Promise<boolean> {
  if (proved === author.domain) return true;
  if (author.strict) return false;
  const { organizationalDomain } = await walkDmarc(proved, resolver);
  return organizationalDomain === author.organizationalDomain;
}
