import { isIP } from 'node:net';
import type { Bilingual } from '../base/index.ts';
import { isWithin, knownSender } from './known-senders.ts';
import type { KnownSender } from './known-senders.ts';
import type { DmarcTally } from './ports.ts';

/** Tallies of one sender as far as reports can tell: a known service, or a neighbourhood of addresses. */
export type SourceGroup = {
  readonly key: string;
  readonly name: Bilingual;
  readonly known: KnownSender | null;
  messages: number;
  passed: number;
  dkimAligned: number;
  spfAligned: number;
  both: number;
  /** A signature of the domain itself that did not verify. */
  ownSignatureFailed: number;
  /** Authenticated as some other domain, and not as this one. */
  foreign: number;
  /** The receiver itself said that it was forwarded, or from a mailing list. */
  forwarded: number;
  /** From addresses of ours. */
  ours: number;
  /** Signed by us (a selector of ours verified). */
  signedByUs: number;
  reporters: number;
  readonly addresses: Map<string, number>;
  readonly days: Set<string>;
  readonly headerFrom: Map<string, number>;
  readonly signingDomains: Map<string, number>;
  readonly envelopeDomains: Map<string, number>;
  readonly selectors: Map<string, number>;
  readonly dispositions: Map<string, number>;
};

/** Who we are, from the configuration. */
export type OwnSenders = {
  readonly addresses: readonly string[];
  readonly selectors: readonly { readonly domain: string; readonly selector: string }[];
};

export function groupSources(
  tallies: readonly DmarcTally[],
  domain: string,
  own: OwnSenders,
): readonly SourceGroup[] {
  const groups = new Map<string, SourceGroup>();
  const ours = new Set(own.addresses.map((address) => address.toLowerCase()));
  for (const tally of tallies) {
    const isOurs = ours.has(tally.sourceIp);
    const known = isOurs ? null : senderOf(tally);
    const key = isOurs ? 'ours' : known === null ? networkOf(tally.sourceIp) : `sender:${known.id}`;
    const group =
      groups.get(key) ?? emptyGroup(key, isOurs ? oursName : (known?.name ?? { ja: key, en: key }), known);
    groups.set(key, group);
    add(group, tally, { domain, own, isOurs });
  }
  return [...groups.values()].toSorted((a, b) => b.messages - a.messages);
}

const oursName: Bilingual = { ja: 'この Todoku の送信元', en: 'the sources of this Todoku' };

/** The service that the authenticated domains belong to, if any. */
function senderOf({ signatures, spfDomain, spfResult, envelopeFrom }: DmarcTally): KnownSender | null {
  const signed = signatures.filter(({ result }) => result === 'pass').map((signature) => signature.domain);
  const envelope = spfResult === 'pass' ? [spfDomain, envelopeFrom] : [];
  for (const domain of [...signed, ...envelope]) {
    const known = knownSender(domain);
    if (known !== null) return known;
  }
  return null;
}

/** RFC 7454 §6.1.3: /24 is the longest prefix that is routed by itself, /48 in IPv6. */
function networkOf(address: string): string {
  if (isIP(address) === 4) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (isIP(address) !== 6) return address === '' ? '?' : address;
  return `${wideGroups(address).slice(0, 3).join(':')}::/48`;
}

/** The eight groups of an IPv6 address (RFC 4291 §2.2), without leading zeros. */
function wideGroups(address: string): readonly string[] {
  const [head = '', tail] = address.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].map((group) => group.replace(/^0+(?=.)/, ''));
}

function emptyGroup(key: string, name: Bilingual, known: KnownSender | null): SourceGroup {
  return {
    key,
    name,
    known,
    messages: 0,
    passed: 0,
    dkimAligned: 0,
    spfAligned: 0,
    both: 0,
    ownSignatureFailed: 0,
    foreign: 0,
    forwarded: 0,
    ours: 0,
    signedByUs: 0,
    reporters: 0,
    addresses: new Map(),
    days: new Set(),
    headerFrom: new Map(),
    signingDomains: new Map(),
    envelopeDomains: new Map(),
    selectors: new Map(),
    dispositions: new Map(),
  };
}

type Adding = { readonly domain: string; readonly own: OwnSenders; readonly isOurs: boolean };

const forwardReasons = new Set(['forwarded', 'mailing_list', 'trusted_forwarder']);

function add(group: SourceGroup, tally: DmarcTally, { domain, own, isOurs }: Adding): void {
  const { messages, dkimAligned, spfAligned } = tally;
  const passed = dkimAligned || spfAligned;
  const valid = tally.signatures.filter(({ result }) => result === 'pass');
  const isOwn = (name: string): boolean => isWithin(name, domain) || isWithin(domain, name);
  const ownFailed = tally.signatures.some(
    (signature) => signature.result !== 'pass' && isOwn(signature.domain),
  );
  const foreign =
    valid.some((signature) => !isOwn(signature.domain)) ||
    (tally.spfResult === 'pass' && !isOwn(tally.spfDomain));
  const signedByUs = valid.some((signature) =>
    own.selectors.some((each) => each.selector === signature.selector && each.domain === signature.domain),
  );
  group.messages += messages;
  if (passed) group.passed += messages;
  if (dkimAligned) group.dkimAligned += messages;
  if (spfAligned) group.spfAligned += messages;
  if (dkimAligned && spfAligned) group.both += messages;
  if (ownFailed && !dkimAligned) group.ownSignatureFailed += messages;
  if (foreign && !passed) group.foreign += messages;
  if (tally.reasons.some((reason) => forwardReasons.has(reason))) group.forwarded += messages;
  if (isOurs) group.ours += messages;
  if (signedByUs) group.signedByUs += messages;
  group.reporters = Math.max(group.reporters, tally.reporters);
  for (const day of tally.days) group.days.add(day);
  count(group.addresses, tally.sourceIp, messages);
  count(group.headerFrom, tally.headerFrom, messages);
  count(group.dispositions, tally.disposition, messages);
  if (tally.spfResult === 'pass') count(group.envelopeDomains, tally.spfDomain, messages);
  for (const signature of valid) {
    count(group.signingDomains, signature.domain, messages);
    if (isOwn(signature.domain)) count(group.selectors, signature.selector, messages);
  }
}

// Names come from strangers: a group remembers some, the numbers count all.
const mostNames = 1_000;

function count(names: Map<string, number>, name: string, messages: number): void {
  if (name === '' || (names.size >= mostNames && !names.has(name))) return;
  names.set(name, (names.get(name) ?? 0) + messages);
}
