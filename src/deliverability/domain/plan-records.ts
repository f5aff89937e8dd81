import { isIPv6 } from 'node:net';
import { addressKey, reverseName } from '../../net/dns/index.ts';
import type { DnsAnswer, Resolver } from '../../net/dns/index.ts';
import { isReservedAddress } from '../reserved-address.ts';
import { spfResult } from './check-spf.ts';
import { readDkimKey } from './dkim-key.ts';
import { isDmarcRecord } from './dmarc-record.ts';
import { walkDmarc } from './dmarc-walk.ts';
import type { SendingSource } from './domain-tools.ts';
import type { PlannedRecord } from './planned-record.ts';
import { mergeSpf } from './spf-merge.ts';
import { isSpfRecord } from './spf-term.ts';

type NamedSource = { readonly ip: string; readonly hostname: string };

/** What is to be published for a domain. */
export type DomainPlan = {
  readonly domain: string;
  readonly returnPath: string;
  /** `record`: as it is to stand at `<selector>._domainkey.<domain>`. */
  readonly keys: readonly { readonly selector: string; readonly record: string }[];
  readonly sources: readonly NamedSource[];
  /** The host that takes returned mail; null: we take none. */
  readonly mailHost: string | null;
};

type Dns = { readonly resolver: Resolver };
type State = Pick<PlannedRecord, 'state' | 'found'>;

/** Every record that the domain needs, in the order of importance, compared with what stands in the DNS now. */
export async function planRecords(plan: DomainPlan, dns: Dns): Promise<readonly PlannedRecord[]> {
  const { domain, returnPath, keys, sources } = plan;
  const names = returnPath === domain ? [domain] : [returnPath, domain];
  const parts = await Promise.all([
    ...keys.map(async (key) => await planKey(domain, key, dns)),
    ...names.map(async (name) => await planSpf(name, { sources, required: name === returnPath }, dns)),
    planDmarc(plan, dns),
    ...planReturnPath(plan, dns),
    ...sources.flatMap((source) => planSource(source, dns)),
    planTlsReports(plan, dns),
  ]);
  return parts;
}

async function planKey(
  domain: string,
  { selector, record }: DomainPlan['keys'][number],
  { resolver }: Dns,
): Promise<PlannedRecord> {
  const name = `${selector}._domainkey.${domain}`;
  const wanted = readDkimKey(record);
  const state = compare(await resolver.txt(name), (text) => {
    const key = readDkimKey(text);
    return key.ok && wanted.ok && key.publicKey === wanted.publicKey;
  });
  return { purpose: 'dkim', name, type: 'TXT', value: record, required: true, ...state };
}

async function planSpf(
  name: string,
  { sources, required }: { readonly sources: readonly SendingSource[]; readonly required: boolean },
  dns: Dns,
): Promise<PlannedRecord> {
  const answer = await dns.resolver.txt(name);
  const published = answer.kind === 'found' ? answer.records.filter(isSpfRecord) : [];
  const base = { purpose: 'spf', name, type: 'TXT', required, found: published } as const;
  const results = await Promise.all(
    sources.map(async (source) => ({ source, result: await spfResult(name, source, dns) })),
  );
  const missing = results.filter(({ result }) => result !== 'pass').map(({ source }) => source.ip);
  const isUnknown = answer.kind === 'failed' || results.some(({ result }) => result === 'temperror');
  if (isUnknown) return { ...base, value: published[0] ?? mergeSpf([], missing), state: 'unknown' };
  const [record] = published;
  if (record !== undefined && published.length === 1 && missing.length === 0)
    return { ...base, value: record, state: 'in-place' };
  const value = mergeSpf(published, missing);
  return { ...base, value, state: published.length === 0 ? 'missing' : 'different' };
}

async function planDmarc(
  { domain, returnPath, mailHost }: DomainPlan,
  { resolver }: Dns,
): Promise<PlannedRecord> {
  const name = `_dmarc.${domain}`;
  // Reports are read where returned mail comes to; without that, where the domain's own mail goes.
  const reports = mailHost === null ? domain : returnPath;
  const proposal = `v=DMARC1; p=none; rua=mailto:dmarc@${reports}`;
  const [answer, walk] = await Promise.all([resolver.txt(name), walkDmarc(domain, resolver)]);
  const found = answer.kind === 'found' ? answer.records.filter(isDmarcRecord) : [];
  const base = { purpose: 'dmarc', name, type: 'TXT', required: true, found } as const;
  const { record, recordDomain } = walk;
  if (record === null && walk.silence !== null) return { ...base, value: proposal, state: 'unknown' };
  if (record !== null && record.policy !== null && record.faults.length === 0)
    return {
      ...base,
      name: `_dmarc.${recordDomain ?? domain}`,
      found: [record.text],
      value: record.text,
      state: 'in-place',
    };
  return { ...base, value: proposal, state: found.length > 0 ? 'different' : 'missing' };
}

/** Bounces come to the MX of the return path; where that is the domain itself its mail already goes somewhere. */
function planReturnPath(
  { domain, returnPath, mailHost }: DomainPlan,
  { resolver }: Dns,
): readonly Promise<PlannedRecord>[] {
  if (mailHost === null || returnPath === domain) return [];
  const look = async (): Promise<PlannedRecord> => {
    const answer = await resolver.mx(returnPath);
    const state = compare(answer, ({ exchange }) => bare(exchange) === mailHost);
    const found =
      answer.kind === 'found' ? answer.records.map((mx) => `${mx.preference} ${mx.exchange}`) : [];
    return {
      purpose: 'return-path',
      name: returnPath,
      type: 'MX',
      value: `10 ${mailHost}`,
      required: true,
      state: state.state,
      found,
    };
  };
  return [look()];
}

function planSource({ ip, hostname }: NamedSource, { resolver }: Dns): readonly Promise<PlannedRecord>[] {
  // Receivers never see an address behind NAT.
  if (isReservedAddress(ip)) return [];
  const six = isIPv6(ip);
  const forward = async (): Promise<PlannedRecord> => {
    const answer = await (six ? resolver.aaaa(hostname) : resolver.a(hostname));
    const state = compare(answer, (address) => addressKey(address) === addressKey(ip));
    return {
      purpose: 'source-address',
      name: hostname,
      type: six ? 'AAAA' : 'A',
      value: ip,
      required: true,
      ...state,
    };
  };
  const reverse = async (): Promise<PlannedRecord> => {
    const answer = await resolver.ptr(reverseName(ip));
    const state = compare(answer, (name) => bare(name) === hostname.toLowerCase());
    return {
      purpose: 'source-name',
      name: reverseName(ip),
      type: 'PTR',
      value: hostname,
      required: true,
      ...state,
    };
  };
  return [forward(), reverse()];
}

async function planTlsReports(
  { domain, returnPath, mailHost }: DomainPlan,
  { resolver }: Dns,
): Promise<PlannedRecord> {
  const name = `_smtp._tls.${domain}`;
  const value = `v=TLSRPTv1; rua=mailto:tlsrpt@${mailHost === null ? domain : returnPath}`;
  const state = compare(await resolver.txt(name), (text) => text.startsWith('v=TLSRPTv1;'));
  return { purpose: 'tls-reports', name, type: 'TXT', value, required: false, ...state };
}

function compare<T>(answer: DnsAnswer<T>, isRight: (record: T) => boolean): State {
  if (answer.kind === 'failed') return { state: 'unknown', found: [] };
  if (answer.kind !== 'found') return { state: 'missing', found: [] };
  const found = answer.records.map(String);
  return { state: answer.records.some(isRight) ? 'in-place' : 'different', found };
}

function bare(name: string): string {
  return name.replace(/\.$/, '').toLowerCase();
}
