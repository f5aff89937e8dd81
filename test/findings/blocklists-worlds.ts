import { systemClock } from '../../src/base/index.ts';
import { checkBlocklists, listsWithAccounts, loadBlocklists } from '../../src/deliverability/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import type { DnsAnswer } from '../../src/net/dns/index.ts';
import type { BrokenWorld } from './world.ts';

const folder = defaultKnowledgeFolder();
const finding = createFindings(loadFindingTexts(folder));
export const all = loadBlocklists(folder);
export const lists = listsWithAccounts(all.living, new Map());
const tests = new Set(all.living.map(({ test, zone }) => `${test.listed}.${zone}`));

/** Addresses by name, `*`: by any other; none: no such name; `silent`: no answer. Test entries (RFC 5782 §5) are in order unless said otherwise. */
export type Zones = Readonly<Record<string, readonly string[] | 'silent'>>;

const nowhere: DnsAnswer<string> = { kind: 'nxdomain', ttlSeconds: 60, authenticated: false };

/** What the lists answer in a world, and which names were asked. */
export async function looked(
  subject: string,
  zones: Zones,
  asking = lists,
): Promise<{ readonly findings: readonly Finding[]; readonly asked: readonly string[] }> {
  const asked: string[] = [];
  const a = (name: string): Promise<DnsAnswer<string>> => {
    asked.push(name);
    const isTest = tests.has(name.replace('.k3y.', '.{key}.'));
    const records = zones[name] ?? zones['*'] ?? (isTest ? ['127.0.0.2'] : []);
    if (records === 'silent')
      return Promise.resolve({ kind: 'failed', cause: 'timeout', server: '192.0.2.53' });
    if (records.length === 0) return Promise.resolve(nowhere);
    return Promise.resolve({ kind: 'found', records, ttlSeconds: 60, authenticated: false });
  };
  const resolver = { a, txt: () => Promise.resolve(nowhere) };
  const tools = { finding, lists: asking, resolver, clock: systemClock };
  return { findings: await checkBlocklists(subject, tools), asked };
}

export async function look(subject: string, zones: Zones = {}): Promise<readonly Finding[]> {
  return (await looked(subject, zones)).findings;
}

const world = (id: string, what: string, subject: string, zones: Zones = {}): BrokenWorld => ({
  id: `blocklists.${id}`,
  what,
  look: async () => await look(subject, zones),
});

const ip = '203.0.113.9';
const at = (zone: string): string => `9.113.0.203.${zone}`;

const faults: readonly BrokenWorld[] = [
  world('listed', 'Spamhaus SBL', ip, { [at('zen.spamhaus.org')]: ['127.0.0.2'] }),
  world('listed', 'two lists of one zone', ip, { [at('zen.spamhaus.org')]: ['127.0.0.4', '127.0.0.11'] }),
  world('listed', 'a domain in DBL', 'bad.example', { 'bad.example.dbl.spamhaus.org': ['127.0.1.4'] }),
  world('listed', 'bits of SURBL', 'bad.example', { 'bad.example.multi.surbl.org': ['127.0.0.80'] }),
  world('listed', 'an IPv6 address', '2001:db8::9', {
    [`9.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.zen.spamhaus.org`]: ['127.0.0.3'],
  }),
  world('listed-lightly', 'UCEPROTECT 1', ip, { [at('dnsbl-1.uceprotect.net')]: ['127.0.0.2'] }),
  world('listed-around', 'UCEPROTECT 3', ip, { [at('dnsbl-3.uceprotect.net')]: ['127.0.0.2'] }),
  world('private-address', 'RFC 1918', '192.168.1.4'),
  world('private-address', 'IPv4 in IPv6', '::ffff:10.0.0.1'),
  world('private-address', 'unique local', 'fd00::1'),
];

/** What is only worth knowing stands beside the lists that answered. */
const remarks: readonly BrokenWorld[] = [
  world('refused', 'a public resolver', ip, { [at('zen.spamhaus.org')]: ['127.255.255.254'] }),
  world('refused', 'SURBL bit 1', 'a.example', { 'a.example.multi.surbl.org': ['127.0.0.1'] }),
  world('unbelievable', 'lists the world', ip, {
    [at('psbl.surriel.com')]: ['127.0.0.2'],
    '1.0.0.127.psbl.surriel.com': ['127.0.0.2'],
  }),
  world('unbelievable', 'a page in the place of NXDOMAIN', ip, {
    [at('psbl.surriel.com')]: ['198.51.100.7'],
  }),
  world('unbelievable', 'lists nothing any more', ip, { '2.0.0.127.psbl.surriel.com': [] }),
  world('unbelievable', 'a domain list that lists the world', 'a.example', {
    'invalid.dbl.spamhaus.org': ['127.0.1.2'],
  }),
  world('refused', 'SURBL bit 1 beside others', 'a.example', { 'a.example.multi.surbl.org': ['127.0.0.65'] }),
  world('refused', 'only the test entry is refused', ip, {
    '2.0.0.127.zen.spamhaus.org': ['127.255.255.254'],
  }),
  world('silent', 'the test entry is not answered', ip, { '1.0.0.127.psbl.surriel.com': 'silent' }),
  world('unknown-code', 'Mailspike', ip, { [at('bl.mailspike.net')]: ['127.0.0.99'] }),
  world('silent', 'no answer', ip, { [at('bl.spamcop.net')]: 'silent' }),
];

/** Without any list's word there is none on the whole. */
const none: BrokenWorld = {
  id: 'blocklists.none-asked',
  what: 'no list answers',
  look: async () => (await look(ip, { '*': 'silent' })).filter(({ id }) => id !== 'blocklists.silent'),
};

export const brokenWorlds: readonly BrokenWorld[] = [...faults, ...remarks, none];
