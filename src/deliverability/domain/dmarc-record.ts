import { readTagList } from './tag-list.ts';

export type DmarcPolicy = 'none' | 'quarantine' | 'reject';

/** A DMARC policy record (RFC 9989 §4.7). */
export type DmarcRecord = {
  readonly text: string;
  /** null: missing or none of the three words; receivers then act as with `none` where `rua` is there, else not at all. */
  readonly policy: DmarcPolicy | null;
  readonly subdomains: DmarcPolicy | null;
  readonly missing: DmarcPolicy | null;
  readonly strictDkim: boolean;
  readonly strictSpf: boolean;
  /** t=y: the policy is only tried out. */
  readonly testing: boolean;
  readonly publicSuffix: 'y' | 'n' | 'u';
  readonly rua: readonly ReportUri[];
  readonly ruf: readonly ReportUri[];
  /** Tags that RFC 9989 no longer has (§4.7: pct, rf, ri). */
  readonly oldTags: readonly string[];
  /** What is none of the language: texts without `=`, tags that come twice, sp or np with unknown words. */
  readonly faults: readonly string[];
};

/** One address of rua or ruf; `domain` null: none that reports can be mailed to. */
export type ReportUri = { readonly text: string; readonly domain: string | null };

const version = /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/;
const policies: ReadonlySet<string> = new Set(['none', 'quarantine', 'reject']);
const oldTags: ReadonlySet<string> = new Set(['pct', 'rf', 'ri']);

/** RFC 9989 §4.7: v= stands first, and its value is matched letter by letter. */
export function isDmarcRecord(text: string): boolean {
  return version.test(text.trim());
}

/** A text that was meant to be a record, and which no receiver takes for one. */
export function isNearlyDmarc(text: string): boolean {
  return !isDmarcRecord(text) && /\bdmarc\d?\b|(?:^|;)\s*p\s*=\s*(?:none|quarantine|reject)\b/i.test(text);
}

/** Reads a text that `isDmarcRecord`. */
export function readDmarcRecord(text: string): DmarcRecord {
  const tags = new Map<string, string>();
  const faults: string[] = [];
  for (const { name, value } of readTagList(text).slice(1)) {
    if (name === null) faults.push(value);
    else if (tags.has(name.toLowerCase())) faults.push(`${name}= comes twice`);
    else tags.set(name.toLowerCase(), value);
  }
  const word = (name: string): string | undefined => tags.get(name)?.toLowerCase();
  const policy = (name: string): DmarcPolicy | null => {
    const value = word(name);
    if (value === undefined) return null;
    if (isPolicy(value)) return value;
    faults.push(`${name}=${value}`);
    return null;
  };
  const psd = word('psd');
  return {
    text,
    policy: policy('p'),
    subdomains: policy('sp'),
    missing: policy('np'),
    strictDkim: word('adkim') === 's',
    strictSpf: word('aspf') === 's',
    testing: word('t') === 'y',
    publicSuffix: psd === 'y' || psd === 'n' ? psd : 'u',
    rua: urisOf(tags.get('rua')),
    ruf: urisOf(tags.get('ruf')),
    oldTags: [...tags.keys()].filter((name) => oldTags.has(name)),
    faults,
  };
}

function isPolicy(value: string): value is DmarcPolicy {
  return policies.has(value);
}

// RFC 9989 §4.8 sets no limit; nobody reports to more than a handful, and each costs us a question.
const mostUris = 10;

function urisOf(value: string | undefined): readonly ReportUri[] {
  if (value === undefined) return [];
  return value
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')
    .slice(0, mostUris)
    .map((text) => ({ text, domain: domainOf(text) }));
}

/** RFC 7489 §6.2 allowed a size behind `!`, which is ignored now. */
function domainOf(uri: string): string | null {
  const [, domain] = /^mailto:[^@,;\s]+@([a-z0-9.-]+?)(?:![0-9]+[kmgt]?)?$/i.exec(uri) ?? [];
  return domain?.toLowerCase() ?? null;
}
