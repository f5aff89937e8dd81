import { domainToUnicode } from 'node:url';
import { normaliseAddress } from '../../contacts/index.ts';
import type { Finding, FindingMaker } from '../../findings/index.ts';
import { mailHosts } from '../../net/dns/index.ts';
import type { Resolver } from '../../net/dns/index.ts';
import type { AddressFacts } from './address-facts.ts';
import { latinReading } from './look-alike.ts';
import { meantDomain } from './mistyped-domain.ts';

export type AddressTools = {
  readonly finding: FindingMaker;
  readonly facts: AddressFacts;
  readonly resolver: Resolver;
  readonly random: () => number;
};

/**
 * What can be told of an address without asking its server: a mailbox is never probed by SMTP, which providers take for harvesting
 * and answer as they like. An address in order gives the one finding `address.good`.
 */
export async function checkAddress(text: string, tools: AddressTools): Promise<readonly Finding[]> {
  const { finding, facts } = tools;
  const read = normaliseAddress(text);
  if (!read.ok) {
    const values = { why: read.reason.en };
    return [
      bilingual(
        finding('address.syntax', { subject: text, evidence: text, values }),
        read.reason.ja,
        read.reason.en,
      ),
    ];
  }
  const { localPart, domain } = read.address;
  const seen: Finding[] = [];
  const tell = (id: string, evidence: string, values: Readonly<Record<string, string>> = {}): void => {
    seen.push(finding(`address.${id}`, { subject: read.text, evidence, values }));
  };
  const imitated = imitatedBy(localPart, domain);
  const asWritten = `${localPart}@${domainToUnicode(domain)}`;
  if (read.changed && text !== asWritten && imitated === null) tell('full-width', text, { meant: read.text });
  if (imitated !== null) tell('look-alike', text, { meant: imitated });
  const meant = imitated === null ? meantDomain(domain, facts) : null;
  if (meant !== null) tell('mistyped-domain', domain, { meant: `${localPart}@${meant}` });
  if (read.legacy) tell('old-carrier-form', read.text);
  if (read.utf8 && imitated === null) tell('needs-smtputf8', localPart);
  if (facts.role.has(localPart.toLowerCase().split('+')[0] ?? '')) tell('role', localPart);
  if (isUnder(domain, facts.disposable)) tell('disposable', domain);
  const place = await placeOf(domain, tools);
  if (place !== null) tell(place.id, place.evidence);
  if (seen.length === 0) tell('good', place === null ? domain : place.evidence);
  return seen;
}

/** The words of the fault, in the language of each text. */
function bilingual(finding: Finding, ja: string, en: string): Finding {
  const { advice } = finding;
  return {
    ...finding,
    advice: { ja: { ...advice.ja, meaning: `${ja}。` }, en: { ...advice.en, meaning: `${en}.` } },
  };
}

function imitatedBy(localPart: string, domain: string): string | null {
  const shown = domainToUnicode(domain);
  const local = latinReading(localPart);
  const host = latinReading(shown);
  if (local === null && host === null) return null;
  return `${local ?? localPart}@${host ?? shown}`;
}

function isUnder(domain: string, parents: ReadonlySet<string>): boolean {
  const labels = domain.split('.');
  return labels.some((_, index) => parents.has(labels.slice(index).join('.')));
}

/** What is wrong with the place that mail for the domain goes to; null: nothing. */
async function placeOf(
  domain: string,
  { resolver, random }: AddressTools,
): Promise<{ readonly id: string; readonly evidence: string } | null> {
  const hosts = await mailHosts(resolver, domain, random);
  switch (hosts.kind) {
    case 'null-mx':
      return { id: 'null-mx', evidence: `${domain} MX 0 .` };
    case 'nxdomain':
      return { id: 'dead-domain', evidence: `${domain}: NXDOMAIN` };
    case 'nodata':
      return { id: 'no-mail-server', evidence: `${domain}: MX, A, AAAA` };
    case 'failed':
      return { id: 'dns-silent', evidence: `${domain}: ${hosts.cause} (${hosts.server})` };
    case 'hosts':
      return hosts.hosts.length > 0 ? null : { id: 'no-mail-server', evidence: `${domain}: MX` };
  }
}
