import type { Finding } from '../../findings/index.ts';
import { readDkimKey } from './dkim-key.ts';
import type { DkimKeyReading } from './dkim-key.ts';
import type { DomainTools, ExpectedKey } from './domain-tools.ts';
import { silenceText, tellingOf } from './telling.ts';
import type { Telling } from './telling.ts';

export type DkimQuestion = {
  readonly domain: string;
  /** Empty: the names that services and programs use most are tried. */
  readonly keys: readonly ExpectedKey[];
  /** We sign for it: without keys nobody does, which the check of DMARC tells. */
  readonly isOurs: boolean;
};

// What the largest services and the packages of distributions use; nobody can list the selectors of a domain.
const usualSelectors = [
  'default',
  'dkim',
  'mail',
  'google',
  'selector1',
  'selector2',
  's1',
  's2',
  'k1',
  'k2',
  'todoku',
] as const;

/** The DKIM keys of a domain: there, sound, long enough, and ours where we sign. */
export async function checkDkim(question: DkimQuestion, tools: DomainTools): Promise<readonly Finding[]> {
  const { domain, keys } = question;
  if (keys.length > 0) return (await Promise.all(keys.map((key) => checkKey(domain, key, tools)))).flat();
  const telling = tellingOf(domain, tools);
  const tried = await Promise.all(
    usualSelectors.map(async (selector) => {
      const answer = await tools.resolver.txt(nameOf(domain, selector));
      // A wildcard answers every name: what is no key is not the domain's word about this selector.
      const isKey =
        answer.kind === 'found' && answer.records.some((record) => /(?:^|;)\s*p\s*=/.test(record));
      return isKey ? [{ selector, publicKey: null }] : [];
    }),
  );
  const found = tried.flat();
  if (found.length > 0) return (await Promise.all(found.map((key) => checkKey(domain, key, tools)))).flat();
  if (question.isOurs) return [];
  telling.tell('domain.dkim-selector-unknown', `${usualSelectors.join(', ')} ._domainkey.${domain}`);
  return telling.found;
}

function nameOf(domain: string, selector: string): string {
  return `${selector}._domainkey.${domain}`;
}

async function checkKey(
  domain: string,
  expected: ExpectedKey,
  tools: DomainTools,
): Promise<readonly Finding[]> {
  const name = nameOf(domain, expected.selector);
  const telling = tellingOf(name, tools);
  const { tell, found } = telling;
  const answer = await tools.resolver.txt(name);
  if (answer.kind === 'failed') tell('domain.dns-silent', silenceText(`${name} TXT`, answer));
  else if (answer.kind !== 'found') tell('domain.dkim-missing', `${name} TXT: ${answer.kind.toUpperCase()}`);
  // RFC 6376 §3.6.2.2: the results are undefined.
  else if (answer.records.length > 1) tell('domain.dkim-several', answer.records.join('\n'));
  else tellKey(answer.records[0] ?? '', expected, telling);
  return found;
}

// RFC 8301 §3.2: verifiers MUST NOT take less than 1024 bits, signers SHOULD use at least 2048.
const shortestBits = 1_024;
const advisedBits = 2_048;

function tellKey(record: string, { publicKey }: ExpectedKey, { tell, found }: Telling): void {
  const key = readDkimKey(record);
  if (!key.ok) return tell('domain.dkim-syntax', `${key.fault}\n${record}`);
  if (key.revoked) return tell('domain.dkim-revoked', record);
  if (publicKey !== null && publicKey !== key.publicKey) tell('domain.dkim-not-ours', record);
  if (key.kind === 'rsa' && key.bits < advisedBits) {
    const id = key.bits < shortestBits ? 'domain.dkim-weak' : 'domain.dkim-short';
    tell(id, `${key.bits} bit\n${record}`, { values: { bits: key.bits } });
  }
  if (key.testing) tell('domain.dkim-testing', record);
  const limit = limitOf(key);
  if (limit !== null) tell('domain.dkim-limited', `${limit}\n${record}`, { values: { limit } });
  if (found.length === 0)
    tell('domain.dkim-ok', `${key.kind} ${key.bits} bit`, { values: { bits: key.bits } });
}

/** What in the record keeps verifiers from using it for mail of today (RFC 6376 §3.6.1 h=, s=; RFC 8301 §3.1: no SHA-1). */
function limitOf({ hashes, services }: DkimKeyReading & { ok: true }): string | null {
  if (hashes.length > 0 && !hashes.includes('sha256')) return `h=${hashes.join(':')}`;
  if (!services.includes('*') && !services.includes('email')) return `s=${services.join(':')}`;
  return null;
}
