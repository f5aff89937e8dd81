import { domainToUnicode } from 'node:url';
import { mailHosts } from '../../net/dns/index.ts';
import type { MailHosts, Resolver } from '../../net/dns/index.ts';
import type { AddressFacts } from './address-facts.ts';
import { latinReading, withoutMarks } from './look-alike.ts';
import { isBelow, isKnown, meantDomain } from './mistyped-domain.ts';
import type { MeantDomain } from './mistyped-domain.ts';

/** Where mail for a domain goes: an entry of knowledge/findings/address.yaml, or null where nothing is wrong with it. */
export type MailPlace = { readonly id: string | null; readonly evidence: string };

/** What can be said of a domain, whoever is in front of it. */
export type DomainJudgement = {
  /** The domain that its letters only look like; null: they are what they are. */
  readonly imitated: string | null;
  readonly meant: MeantDomain | null;
  readonly disposable: boolean;
  readonly place: MailPlace;
};

export type DomainTools = {
  readonly facts: AddressFacts;
  readonly resolver: Resolver;
  readonly random: () => number;
};

// Some 500 octets each.
const mostJudged = 100_000;

/** Judges domains (A-labels), each once: a list has the same ones again and again. */
export function createDomainJudge({
  facts,
  resolver,
  random,
}: DomainTools): (domain: string) => Promise<DomainJudgement> {
  const judged = new Map<string, Promise<DomainJudgement>>();
  const judge = async (domain: string): Promise<DomainJudgement> => {
    const imitated = imitatedBy(domain, facts);
    const hosts = await mailHosts(resolver, domain, random);
    const names = hosts.kind === 'hosts' ? hosts.hosts.map(({ host }) => host) : [];
    return {
      imitated,
      meant: imitated === null ? meantDomain(domain, facts) : null,
      disposable:
        isAmong(domain, facts.disposable) || names.some((host) => isAmong(host, facts.disposableHosts)),
      place: names.some((host) => isAmong(host, facts.parkedHosts))
        ? { id: 'parked', evidence: `${domain} MX ${names.join(', ')}` }
        : placeOf(domain, hosts),
    };
  };
  return async (domain) => {
    const known = judged.get(domain) ?? judge(domain);
    if (judged.size >= mostJudged) judged.clear();
    judged.set(domain, known);
    return await known;
  };
}

function isAmong(name: string, names: ReadonlySet<string>): boolean {
  return names.has(name) || isBelow(name, names);
}

function imitatedBy(domain: string, facts: AddressFacts): string | null {
  if (!domain.includes('xn--')) return null;
  const shown = domainToUnicode(domain);
  // A mark on a letter is a language of its own, unless the rest is the name of a provider.
  const bare = withoutMarks(shown);
  return latinReading(shown) ?? (isKnown(bare, facts) ? bare : null);
}

function placeOf(domain: string, hosts: MailHosts): MailPlace {
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
      if (hosts.hosts.length === 0) return { id: 'no-mail-server', evidence: `${domain}: MX` };
      return { id: hosts.implicit ? 'no-mx' : null, evidence: domain };
  }
}
