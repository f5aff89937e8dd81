import { domainToUnicode } from 'node:url';
import type { Bilingual } from '../../base/index.ts';
import { normaliseAddress } from '../../contacts/index.ts';
import type { Finding, FindingMaker, FindingParts } from '../../findings/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import type { AddressFacts } from './address-facts.ts';
import { createDomainJudge } from './domain-judgement.ts';
import type { DomainJudgement } from './domain-judgement.ts';
import { latinReading } from './look-alike.ts';
import { mendedAddress } from './mended-address.ts';
import { isKnown, meantDomain } from './mistyped-domain.ts';

export type AddressTools = {
  readonly finding: FindingMaker;
  readonly facts: AddressFacts;
  readonly resolver: Resolver;
  readonly random: () => number;
};

/** The judge of many addresses, which asks about each domain once. */
export type AddressCheck = (text: string) => Promise<readonly Finding[]>;

/**
 * What can be told of an address without asking its server: a mailbox is never probed by SMTP, which providers take for harvesting
 * and answer as they like. An address in order gives the one finding `address.good`.
 */
export async function checkAddress(text: string, tools: AddressTools): Promise<readonly Finding[]> {
  return await createAddressCheck(tools)(text);
}

/** The same for many. */
export function createAddressCheck(tools: AddressTools): AddressCheck {
  const judge = createDomainJudge(tools);
  return async (text) => {
    const read = normaliseAddress(text);
    if (!read.ok) return unusable(text, read.reason, tools);
    return findingsOf(text, { read, judgement: await judge(read.address.domain) }, tools);
  };
}

// An address has at most 254 octets (RFC 5321 §4.5.3.1.3): enough to know it again by.
const longestShown = 320;

type Good = Extract<ReturnType<typeof normaliseAddress>, { ok: true }>;
type Judged = { readonly read: Good; readonly judgement: DomainJudgement };

function findingsOf(
  text: string,
  { read, judgement }: Judged,
  { finding, facts }: Pick<AddressTools, 'finding' | 'facts'>,
): readonly Finding[] {
  const { localPart, domain } = read.address;
  const { imitated, meant, place, disposable } = judgement;
  const seen: Finding[] = [];
  const tell = (id: string, evidence: string, parts: Partial<FindingParts> = {}): void => {
    seen.push(finding(`address.${id}`, { subject: read.text, evidence, ...parts }));
  };
  const latin = latinReading(localPart);
  const isImitation = latin !== null || imitated !== null;
  const reading = `${latin ?? localPart}@${imitated ?? domainToUnicode(domain)}`;
  const asWritten = `${localPart}@${domainToUnicode(domain)}`;
  if (isImitation) tell('look-alike', text.slice(0, longestShown), { values: { meant: reading } });
  else if (read.changed && text !== asWritten)
    tell('full-width', text.slice(0, longestShown), { values: { meant: read.text } });
  if (meant !== null) {
    const values = { meant: `${localPart}@${meant.domain}` };
    // A name that only resembles, and takes mail, may be somebody's own.
    const isDoubtful = !meant.sure && place.id === null;
    tell('mistyped-domain', domain, isDoubtful ? { values, severity: 'warning' } : { values });
  }
  if (read.legacy) tell('old-carrier-form', read.text);
  if (read.utf8 && !isImitation) tell('needs-smtputf8', localPart);
  if (facts.role.has(localPart.toLowerCase().split('+')[0] ?? '')) tell('role', localPart);
  if (disposable) tell('disposable', domain);
  if (place.id !== null) tell(place.id, place.evidence);
  if (seen.length === 0) tell('good', place.evidence);
  return seen;
}

/** Not an address; with what was probably meant, where that is plain to see. */
function unusable(text: string, why: Bilingual, { finding, facts }: AddressTools): readonly Finding[] {
  const shown = text.slice(0, longestShown);
  const about = { subject: shown, evidence: shown };
  const mended = mendedAddress(text, facts);
  if (mended?.kind === 'look-alike')
    return [finding('address.look-alike', { ...about, values: { meant: mended.address } })];
  const syntax = bilingual(finding('address.syntax', { ...about, values: { why: why.en } }), why);
  if (mended === null) return [syntax];
  const at = mended.address.lastIndexOf('@') + 1;
  const domain = mended.address.slice(at);
  const meant = meantDomain(domain, facts)?.domain ?? domain;
  if (!isKnown(meant, facts)) return [syntax];
  const values = { meant: mended.address.slice(0, at) + meant };
  return [syntax, finding('address.mistyped-domain', { ...about, values })];
}

/** The words of the fault, in the language of each text. */
function bilingual(finding: Finding, { ja, en }: Bilingual): Finding {
  const { advice } = finding;
  return {
    ...finding,
    advice: { ja: { ...advice.ja, meaning: `${ja}。` }, en: { ...advice.en, meaning: `${en}.` } },
  };
}
