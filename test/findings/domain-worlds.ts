import { generateKeyPairSync } from 'node:crypto';
import { checkDomain, domainParts, loadBlocklists } from '../../src/deliverability/index.ts';
import type { DomainQuestion, DomainTools, PortSight } from '../../src/deliverability/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import type { Finding } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { resolverOf } from './domain-zone.ts';
import type { Zone } from './domain-zone.ts';
import type { BrokenWorld } from './world.ts';

const folder = defaultKnowledgeFolder();
const finding = createFindings(loadFindingTexts(folder));
const lists = loadBlocklists(folder).living;

function rsaKey(bits: number): string {
  return generateKeyPairSync('rsa', { modulusLength: bits })
    .publicKey.export({ type: 'spki', format: 'der' })
    .toString('base64');
}
const [key, otherKey, shortKey, weakKey] = [2048, 2048, 1024, 512].map(rsaKey);

const tlsa = `3 1 1 ${'ab'.repeat(32)}`;
const dkimName = 'TXT s1._domainkey.shop.example';
const dmarcName = 'TXT _dmarc.shop.example';
const spfName = 'TXT shop.example';
const dmarc = 'v=DMARC1; p=reject; rua=mailto:dmarc@shop.example';
const ptrName = 'PTR 5.113.0.203.in-addr.arpa';

/** A domain of which nothing is wrong. */
export const healthy: Zone = {
  'MX shop.example': ['10 mx.shop.example'],
  'A mx.shop.example': ['203.0.113.25'],
  [spfName]: ['v=spf1 ip4:203.0.113.0/28 mx -all', 'site-verification=abc'],
  [dkimName]: [`v=DKIM1; k=rsa; p=${key}`],
  [dmarcName]: [dmarc],
  'A out.shop.example': ['203.0.113.5'],
  [ptrName]: ['out.shop.example.'],
  'TXT _mta-sts.shop.example': ['v=STSv1; id=20260101;'],
  'TXT _smtp._tls.shop.example': ['v=TLSRPTv1; rua=mailto:tlsrpt@shop.example'],
  'TLSA _25._tcp.mx.shop.example': [tlsa],
  'TXT default._bimi.shop.example': [
    'v=BIMI1; l=https://shop.example/logo.svg; a=https://shop.example/vmc.pem',
  ],
};

/** Everything that can be other than in the healthy world. */
export type World = {
  readonly zone?: Zone;
  readonly question?: Partial<DomainQuestion>;
  readonly policy?: string | null;
  readonly tools?: Partial<DomainTools>;
  readonly signed?: boolean;
  /** As each part ends. */
  readonly done?: (part: string) => Promise<void>;
};

const policy = 'version: STSv1\nmode: enforce\nmx: mx.shop.example\nmax_age: 604800\n';

export async function look(world: World = {}): Promise<readonly Finding[]> {
  const text = world.policy === undefined ? policy : world.policy;
  const question: DomainQuestion = {
    domain: 'shop.example',
    returnPath: 'shop.example',
    signingDomain: world.question?.domain ?? 'shop.example',
    isOurs: true,
    keys: [{ selector: 's1', publicKey: key ?? '' }],
    sources: [{ ip: '203.0.113.5', hostname: 'out.shop.example' }],
    ...world.question,
  };
  const tools: DomainTools = {
    finding,
    resolver: resolverOf({ ...healthy, ...world.zone }, world.signed ?? true),
    clock: new FakeClock(),
    random: () => 0.5,
    lists,
    trustsDnssec: true,
    reach: async () => await Promise.resolve({ open: true, proven: null, text: '220' }),
    fetchSts: async () =>
      await Promise.resolve(
        text === null ? { ok: false, cause: 'webpki-invalid', text: 'expired' } : { ok: true, text },
      ),
    ...world.tools,
  };
  const followed: Promise<void>[] = [];
  const found = await checkDomain(question, tools, (part) => {
    if (world.done !== undefined) followed.push(world.done(part));
  });
  await Promise.all(followed);
  return found;
}

const world = (id: string, what: string, broken: World | Zone): BrokenWorld => ({
  id: `domain.${id}`,
  what,
  look: async () => await look(isWorld(broken) ? broken : { zone: broken }),
});

const parts: ReadonlySet<string> = new Set(['zone', 'question', 'policy', 'tools', 'signed', 'done']);
function isWorld(broken: World | Zone): broken is World {
  return Object.keys(broken).some((name) => parts.has(name));
}

// Without sources of ours: what an outsider sees.
const outside = { isOurs: false, sources: [] } as const;
const spf = (record: string, zone: Zone = {}, question: Partial<DomainQuestion> = outside): World => ({
  zone: { [spfName]: [record], ...zone },
  question,
});
const manyLookups = Array.from({ length: 11 }, () => 'a:mx.shop.example').join(' ');

const mx: readonly BrokenWorld[] = [
  world('missing', 'a slip', { question: { domain: 'shpo.example', returnPath: 'shpo.example' } }),
  world('dns-silent', 'MX', { 'MX shop.example': 'silent' }),
  world('mx-missing', 'no records', {
    'MX shop.example': [],
    [spfName]: ['v=spf1 ip4:203.0.113.0/28 -all'],
    'TLSA _25._tcp.shop.example': [tlsa],
    'A shop.example': [],
  }),
  world('mx-implicit', 'an address alone', {
    zone: {
      'MX shop.example': [],
      'A shop.example': ['203.0.113.25'],
      [spfName]: ['v=spf1 ip4:203.0.113.0/28 -all'],
      'TLSA _25._tcp.shop.example': [tlsa],
    },
    policy: policy.replace('mx.shop', 'shop'),
  }),
  world('mx-null', 'takes none', {
    'MX shop.example': ['0 .'],
    [spfName]: ['v=spf1 ip4:203.0.113.0/28 -all'],
  }),
  world('mx-is-address', '10 192.0.2.1', {
    'MX shop.example': ['10 192.0.2.1'],
    [spfName]: ['v=spf1 ip4:203.0.113.0/28 -all'],
  }),
  world('mx-no-address', 'a slip in the host', {
    zone: {
      'MX shop.example': ['10 mx.shop.example', '20 mz.shop.example'],
      'TLSA _25._tcp.mz.shop.example': [tlsa],
    },
    policy: policy.replace('mx: mx', 'mx: *'),
  }),
  world('mx-private', 'RFC 1918', { 'A mx.shop.example': ['10.0.0.25'] }),
  world('mx-private', 'loopback beside', {
    'A mx.shop.example': ['127.0.0.1'],
    'AAAA mx.shop.example': ['::1'],
  }),
  world('mx-alias', 'an alias', {
    'A mx.shop.example': [],
    'CNAME mx.shop.example': ['real.shop.example'],
    'A real.shop.example': ['203.0.113.25'],
  }),
  world('mx-unreachable', 'silent', {
    tools: {
      reach: async () => await Promise.resolve({ open: false, proven: null, text: 'connect-timeout' }),
    },
  }),
];

const spfWorlds: readonly BrokenWorld[] = [
  world('spf-missing', 'none', { [spfName]: ['site-verification=abc'] }),
  world('spf-several', 'two', { [spfName]: ['v=spf1 mx -all', 'v=spf1 a -all'] }),
  ...[
    'ip4:203.0.113',
    'ip4:203.0.113.0/33',
    'a:-',
    'include:',
    'al',
    'redirect=x.example redirect=y.example',
    'mx:%{z}.example',
    'ip6:203.0.113.1',
    'a:sh\u{f6}p.example',
  ].map((term) => world('spf-syntax', term, spf(`v=spf1 ${term} -all`))),
  world('spf-loop', 'itself', spf('v=spf1 include:shop.example -all')),
  world('spf-include-missing', 'a service that is gone', spf('v=spf1 include:gone.example -all')),
  world('spf-too-many-lookups', 'eleven', spf(`v=spf1 ${manyLookups} -all`)),
  world(
    'spf-too-many-lookups',
    'eleven, below',
    spf('v=spf1 include:_a.shop.example include:_b.shop.example mx -all', {
      'TXT _a.shop.example': ['v=spf1 a:shop.example mx:shop.example a:mx.shop.example mx:shop.example -all'],
      'TXT _b.shop.example': ['v=spf1 a:shop.example mx:shop.example a:mx.shop.example mx:shop.example -all'],
      'A shop.example': ['203.0.113.1'],
    }),
  ),
  world('spf-near-limit', 'ten', spf(`v=spf1 ${manyLookups.slice(18)} -all`)),
  world('spf-too-many-voids', 'three', spf('v=spf1 a:x.example a:y.example mx:z.example -all')),
  world('spf-allows-all', '+all', spf('v=spf1 mx +all')),
  world('spf-allows-all', 'all without a sign', spf('v=spf1 mx all')),
  world(
    'spf-allows-all',
    'by redirect',
    spf('v=spf1 redirect=_spf.shop.example', { 'TXT _spf.shop.example': ['v=spf1 +all'] }),
  ),
  world('spf-too-wide', 'half of the world', spf('v=spf1 ip4:0.0.0.0/1 -all')),
  world(
    'spf-too-wide',
    'below an include',
    spf('v=spf1 include:_spf.shop.example -all', { 'TXT _spf.shop.example': ['v=spf1 ip6:::/0 -all'] }),
  ),
  world('spf-no-end', '?all', spf('v=spf1 mx ?all')),
  world('spf-no-end', 'nothing', spf('v=spf1 mx')),
  world('spf-ptr', 'ptr', spf('v=spf1 ptr:shop.example mx -all')),
  world('spf-behind-all', 'a late include', spf('v=spf1 mx -all include:late.example')),
  world('spf-source-not-allowed', 'another network', { [spfName]: ['v=spf1 ip4:198.51.100.0/24 -all'] }),
];

const dkim = (id: string, what: string, ...records: readonly string[]): BrokenWorld =>
  world(id, what, { [dkimName]: records });

const dkimWorlds: readonly BrokenWorld[] = [
  dkim('dkim-missing', 'not published'),
  world('dkim-selector-unknown', 'no key under the usual names', {
    question: { ...outside, keys: [] },
    zone: { [dkimName]: [] },
  }),
  dkim('dkim-several', 'old and new', `v=DKIM1; p=${key}`, `v=DKIM1; p=${otherKey}`),
  dkim('dkim-syntax', 'cut off', `v=DKIM1; k=rsa; p=${key?.slice(0, 200)}`),
  dkim('dkim-syntax', 'quotes', `"v=DKIM1; k=rsa; p=${key}"`),
  dkim('dkim-syntax', 'v= last', `k=rsa; p=${key}; v=DKIM1`),
  dkim('dkim-syntax', 'p= twice', `v=DKIM1; p=${key}; p=${key}`),
  dkim('dkim-syntax', 'no p=', 'v=DKIM1; k=rsa'),
  dkim('dkim-syntax', 'a kind of key that nobody knows', `v=DKIM1; k=dsa; p=${key}`),
  dkim('dkim-revoked', 'p=', 'v=DKIM1; p='),
  ...(
    [
      ['dkim-weak', weakKey],
      ['dkim-short', shortKey],
    ] as const
  ).map(([id, publicKey]) =>
    world(id, 'bits', {
      zone: { [dkimName]: [`v=DKIM1; p=${publicKey}`] },
      question: { keys: [{ selector: 's1', publicKey: publicKey ?? '' }] },
    }),
  ),
  dkim('dkim-testing', 't=y:s', `v=DKIM1; t=y:s; p=${key}`),
  dkim('dkim-limited', 'SHA-1', `v=DKIM1; h=sha1; p=${key}`),
  dkim('dkim-limited', 'another service', `v=DKIM1; s=tlsrpt; p=${key}`),
  dkim('dkim-not-ours', 'another key', `v=DKIM1; p=${otherKey}`),
];

const dmarcWorld = (id: string, what: string, ...records: readonly string[]): BrokenWorld =>
  world(id, what, { [dmarcName]: records, 'TXT default._bimi.shop.example': ['v=BIMI1; l=; a='] });

// A domain that says that it has no logo is not asked for a policy, so that DMARC stands alone in these worlds.
const dmarcWorlds: readonly BrokenWorld[] = [
  dmarcWorld('dmarc-missing', 'none'),
  dmarcWorld('dmarc-missing', 'another record', 'site-verification=abc'),
  dmarcWorld('dmarc-several', 'two', dmarc, 'v=DMARC1; p=none'),
  dmarcWorld('dmarc-syntax', 'version', 'v=DMARC; p=reject; rua=mailto:dmarc@shop.example'),
  dmarcWorld('dmarc-syntax', 'version in small letters', 'v=dmarc1; p=reject'),
  dmarcWorld('dmarc-syntax', 'order', 'p=reject; v=DMARC1'),
  dmarcWorld('dmarc-syntax', 'no p=', 'v=DMARC1; rua=mailto:dmarc@shop.example'),
  dmarcWorld('dmarc-syntax', 'a word', 'v=DMARC1; p=block; rua=mailto:dmarc@shop.example'),
  dmarcWorld('dmarc-syntax', 'twice', 'v=DMARC1; p=reject; p=none; rua=mailto:dmarc@shop.example'),
  dmarcWorld('dmarc-only-watches', 'p=none', 'v=DMARC1; p=none; rua=mailto:dmarc@shop.example'),
  dmarcWorld('dmarc-testing', 't=y', 'v=DMARC1; p=reject; t=y; rua=mailto:dmarc@shop.example'),
  dmarcWorld(
    'dmarc-subdomains-open',
    'sp=none',
    'v=DMARC1; p=reject; sp=none; rua=mailto:dmarc@shop.example',
  ),
  dmarcWorld('dmarc-old-tags', 'pct', `${dmarc}; pct=50`),
  dmarcWorld('dmarc-no-reports', 'no rua', 'v=DMARC1; p=reject'),
  dmarcWorld('dmarc-report-address', 'no mailto', 'v=DMARC1; p=reject; rua=dmarc@shop.example'),
  dmarcWorld('dmarc-report-unauthorised', 'a service', 'v=DMARC1; p=reject; rua=mailto:shop@reports.example'),
  world('dmarc-unaligned', 'neither', {
    question: { keys: [], returnPath: 'bounce.example' },
    zone: {
      'TXT default._domainkey.shop.example': [`v=DKIM1; p=${key}`],
      'MX bounce.example': ['10 mx.shop.example'],
      'TXT bounce.example': ['v=spf1 ip4:203.0.113.0/28 -all'],
    },
  }),
  world('dmarc-unaligned', 'both strict, and another name', {
    question: { domain: 'news.shop.example', returnPath: 'shop.example', signingDomain: 'shop.example' },
    zone: {
      'MX news.shop.example': ['10 mx.shop.example'],
      'TXT news.shop.example': ['v=spf1 ip4:203.0.113.0/28 -all'],
      'TXT _dmarc.news.shop.example': ['v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:dmarc@shop.example'],
      'TXT _mta-sts.news.shop.example': ['v=STSv1; id=1;'],
      'TXT _smtp._tls.news.shop.example': ['v=TLSRPTv1; rua=mailto:tlsrpt@shop.example'],
      'TXT default._bimi.news.shop.example': ['v=BIMI1; l=; a='],
    },
  }),
  world('dmarc-spf-unaligned', 'another envelope', {
    question: { returnPath: 'bounce.example' },
    zone: {
      'MX bounce.example': ['10 mx.shop.example'],
      'TXT bounce.example': ['v=spf1 ip4:203.0.113.0/28 -all'],
    },
  }),
  world('dmarc-no-dkim', 'no key', {
    question: { keys: [] },
    zone: { 'TXT default._domainkey.shop.example': [`v=DKIM1; p=${key}`] },
  }),
];

const source = (ip: string, hostname = 'out.shop.example'): Partial<DomainQuestion> => ({
  sources: [{ ip, hostname }],
});

const sourceWorlds: readonly BrokenWorld[] = [
  world('source-private', 'behind NAT', {
    question: source('192.168.0.5'),
    zone: { [spfName]: ['v=spf1 ip4:192.168.0.5 -all'] },
  }),
  world('source-no-name', 'no PTR', { [ptrName]: [] }),
  world('source-no-name', 'no PTR of IPv6', {
    question: source('2001:db8::5'),
    zone: { [spfName]: ['v=spf1 ip6:2001:db8::5 -all'], 'AAAA out.shop.example': ['2001:db8::5'] },
  }),
  world('source-name-elsewhere', 'a name of others', {
    [ptrName]: ['host.other.example'],
    'A host.other.example': ['198.51.100.1'],
  }),
  world('source-name-elsewhere', 'a name without address', { [ptrName]: ['host.other.example'] }),
  world('source-greeting', 'a name of nobody', { question: source('203.0.113.5', 'mail.local') }),
  world('source-greeting-differs', 'two names', {
    zone: { 'A second.shop.example': ['203.0.113.5'] },
    question: source('203.0.113.5', 'second.shop.example'),
  }),
  ...[
    '203-0-113-5.isp.example',
    '5.113.0.203.isp.example',
    'p113005.dynamic.isp.example',
    'host203000113005.isp.example',
  ].map((name) =>
    world('source-generic-name', name, {
      zone: { [ptrName]: [name], [`A ${name}`]: ['203.0.113.5'] },
      question: source('203.0.113.5', name),
    }),
  ),
];

const sts = (id: string, what: string, text: string | null): BrokenWorld => world(id, what, { policy: text });

const transportWorlds: readonly BrokenWorld[] = [
  world('sts-missing', 'no record', { 'TXT _mta-sts.shop.example': [] }),
  world('sts-record', 'no id', { 'TXT _mta-sts.shop.example': ['v=STSv1;'] }),
  world('sts-record', 'two', { 'TXT _mta-sts.shop.example': ['v=STSv1; id=1;', 'v=STSv1; id=2;'] }),
  sts('sts-policy-unreachable', 'certificate', null),
  sts('sts-policy-broken', 'mode', policy.replace('enforce', 'on')),
  sts('sts-host-unnamed', 'another host', policy.replace('mx.shop', 'mail.shop')),
  sts('sts-not-enforced', 'testing', policy.replace('enforce', 'testing')),
  sts('sts-short-lived', 'an hour', policy.replace('604800', '3600')),
  world('tls-reports-missing', 'none', { 'TXT _smtp._tls.shop.example': [] }),
  world('tls-reports-broken', 'no address', { 'TXT _smtp._tls.shop.example': ['v=TLSRPTv1; rua='] }),
  world('dane-missing', 'none', { 'TLSA _25._tcp.mx.shop.example': [] }),
  world('dane-servfail', 'a broken signature', { 'TLSA _25._tcp.mx.shop.example': 'servfail' }),
  world('dane-unusable', 'usage 1', { 'TLSA _25._tcp.mx.shop.example': [tlsa.replace('3', '1')] }),
  world('dane-unproven', 'no validating resolver', { tools: { trustsDnssec: false } }),
  world('dane-unsigned', 'no DNSSEC', { signed: false }),
  world('sts-certificate', 'expired', {
    tools: { reach: async (_place, proof) => await Promise.resolve(unprovenBy('pkix', proof)) },
  }),
  world('dane-mismatch', 'renewed', {
    tools: { reach: async (_place, proof) => await Promise.resolve(unprovenBy('dane', proof)) },
  }),
  world('dane-partly', 'one of two', {
    zone: {
      'MX shop.example': ['10 mx.shop.example', '20 m2.shop.example'],
      'A m2.shop.example': ['203.0.113.26'],
    },
    policy: policy.replace('mx: mx', 'mx: *'),
  }),
  world('bimi-missing', 'none', { 'TXT default._bimi.shop.example': [] }),
  world('bimi-broken', 'http', {
    'TXT default._bimi.shop.example': ['v=BIMI1; l=http://shop.example/logo.svg'],
  }),
  world('bimi-without-policy', 'the organization only watches', {
    question: { domain: 'news.shop.example', returnPath: 'news.shop.example' },
    zone: {
      ...Object.fromEntries(
        Object.entries(healthy).map(([name, records]) => [
          name.replace('shop.example', 'news.shop.example'),
          records,
        ]),
      ),
      [dmarcName]: ['v=DMARC1; p=none; rua=mailto:dmarc@shop.example'],
    },
  }),
  world('bimi-without-certificate', 'no a=', {
    'TXT default._bimi.shop.example': ['v=BIMI1; l=https://shop.example/logo.svg'],
  }),
  { id: 'domain.too-slow', what: 'a server that hangs', look: async () => await look(hanging()) },
];

/** A server that proves itself in every way but this one. */
function unprovenBy(kind: 'pkix' | 'dane', proof: { readonly by: string } | null): PortSight {
  return { open: true, proven: proof === null ? null : proof.by !== kind, text: 'certificate' };
}

/** The policy file never comes, and time goes on once everything else has been answered. */
function hanging(): World {
  const clock = new FakeClock();
  const left = new Set<string>(domainParts);
  return {
    tools: { clock, fetchSts: async () => await new Promise<never>(() => {}) },
    done: (part) => {
      left.delete(part);
      if (left.size === 1) return clock.advance(60_000);
      return Promise.resolve();
    },
  };
}

export const brokenWorlds: readonly BrokenWorld[] = [
  ...mx,
  ...spfWorlds,
  ...dkimWorlds,
  ...dmarcWorlds,
  ...sourceWorlds,
  ...transportWorlds,
];
