import { createSecureContext } from 'node:tls';
import type { Answer } from 'dns-packet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import { createRouter } from '../../src/delivery/index.ts';
import { SiteDialer } from '../../src/delivery/hosts.ts';
import { failureOutcome } from '../../src/delivery/outcome.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { createResolver } from '../../src/net/dns/index.ts';
import type { Resolver } from '../../src/net/dns/index.ts';
import { defaultTimeouts, dial } from '../../src/net/smtp-client/index.ts';
import { adviceFor } from '../../src/replies/index.ts';
import { createTlsPolicies, fetchStsPolicy, StsPolicies, stsTimeoutMs } from '../../src/tls/index.ts';
import type { StoredSts, TlsRule } from '../../src/tls/index.ts';
import { makeAuthority, tlsaOf } from '../support/authority.ts';
import { a, mx, startDnsZone } from '../support/dns-zone.ts';
import type { DnsZone, ZoneAnswer } from '../support/dns-zone.ts';
import { startPolicyHost, startReceiver } from '../support/tls-receiver.ts';
import type { PolicyHost, Receiver, ReceiverTls } from '../support/tls-receiver.ts';

// Every way a receiver may be with TLS, and every policy it may be under: real servers, real certificates, a real web server
// for MTA-STS, and a name server that says of each answer whether it is signed.

const authority = makeAuthority();
const host = 'mx.receiver.test';
const good = authority.issue({ hosts: [host] });
const selfSigned = authority.selfSigned({ hosts: [host] });

const receivers = {
  valid: { kind: 'offered', certificate: good },
  'self-signed': { kind: 'offered', certificate: selfSigned },
  expired: { kind: 'offered', certificate: authority.issue({ hosts: [host], fromDays: -9, toDays: -1 }) },
  'wrong name': { kind: 'offered', certificate: authority.issue({ hosts: ['other.test'] }) },
  'TLS 1.0 only': { kind: 'old', certificate: good },
  stripped: { kind: 'stripped' },
} as const satisfies Readonly<Record<string, ReceiverTls>>;
type ReceiverName = keyof typeof receivers;

/** `verified`, `encrypted` or `clear`: delivered so; else the cause of the deferral. */
type Row = readonly [policy: PolicyName, expected: Readonly<Record<ReceiverName, string>>];

type Publishing = {
  readonly sts?: 'enforce' | 'testing' | 'none';
  readonly stsMx?: string;
  /** TLSA records of the receiver, and whether its zone is signed. */
  readonly tlsa?: 'right' | 'wrong' | 'unusable' | 'bogus';
  readonly signed?: boolean;
  readonly rule?: TlsRule['mode'];
  readonly mode?: 'none' | 'opportunistic' | 'required';
  /** false: the resolver's AD bit counts for nothing. */
  readonly trustAd?: boolean;
};

const policies = {
  nothing: {},
  'delivery.tls none': { mode: 'none' },
  'delivery.tls required': { mode: 'required' },
  'policy verified': { rule: 'verified' },
  'policy dane': { rule: 'dane' },
  'policy opportunistic, STS enforce': { rule: 'opportunistic', sts: 'enforce' },
  'STS none': { sts: 'none' },
  'STS testing': { sts: 'testing' },
  'STS enforce': { sts: 'enforce' },
  'STS enforce, another MX': { sts: 'enforce', stsMx: 'elsewhere.test' },
  'DANE right': { tlsa: 'right', signed: true },
  'DANE wrong': { tlsa: 'wrong', signed: true },
  'DANE unusable': { tlsa: 'unusable', signed: true },
  'DANE bogus': { tlsa: 'bogus', signed: true },
  'DANE wrong, unsigned zone': { tlsa: 'wrong' },
  'DANE wrong, resolver not trusted': { tlsa: 'wrong', signed: true, trustAd: false },
  'DANE right, STS of another MX': { tlsa: 'right', signed: true, sts: 'enforce', stsMx: 'elsewhere.test' },
  'DANE wrong, STS enforce': { tlsa: 'wrong', signed: true, sts: 'enforce' },
  'signed zone without TLSA': { signed: true },
} as const satisfies Readonly<Record<string, Publishing>>;
type PolicyName = keyof typeof policies;

const all = (word: string): Readonly<Record<ReceiverName, string>> => ({
  valid: word,
  'self-signed': word,
  expired: word,
  'wrong name': word,
  'TLS 1.0 only': word,
  stripped: word,
});
const opportunistic: Readonly<Record<ReceiverName, string>> = {
  ...all('encrypted'),
  valid: 'verified',
  // RFC 7435: rather in the clear than not at all, where nothing is demanded; RFC 8996: never TLS 1.0.
  'TLS 1.0 only': 'clear',
  stripped: 'clear',
};
const encrypted = { ...opportunistic, 'TLS 1.0 only': 'tls-too-old', stripped: 'tls-unavailable' };
const proven = {
  ...encrypted,
  'self-signed': 'certificate-self-signed',
  expired: 'certificate-expired',
  'wrong name': 'certificate-name',
};
// The TLSA records name the key, which all certificates here have in common.
const byKey = { ...all('verified'), 'TLS 1.0 only': 'tls-too-old', stripped: 'tls-unavailable' };
const mismatch = { ...all('dane-mismatch'), 'TLS 1.0 only': 'tls-too-old', stripped: 'tls-unavailable' };

const table: readonly Row[] = [
  ['nothing', opportunistic],
  ['delivery.tls none', all('clear')],
  ['delivery.tls required', encrypted],
  ['policy verified', proven],
  ['policy dane', all('dane-absent')],
  ['policy opportunistic, STS enforce', opportunistic],
  ['STS none', opportunistic],
  ['STS testing', opportunistic],
  ['STS enforce', proven],
  ['STS enforce, another MX', all('sts-mx-mismatch')],
  ['DANE right', byKey],
  ['DANE wrong', mismatch],
  ['DANE unusable', encrypted],
  ['DANE bogus', all('dane-lookup-failed')],
  ['DANE wrong, unsigned zone', opportunistic],
  ['DANE wrong, resolver not trusted', opportunistic],
  // RFC 8461 §2: the two do not get in each other's way, and STS never overrides DANE.
  ['DANE right, STS of another MX', byKey],
  ['DANE wrong, STS enforce', mismatch],
  ['signed zone without TLSA', opportunistic],
];

const knowledge = loadKnowledge(defaultKnowledgeFolder(), []);
const context = createSecureContext({ ca: authority.certificate });
let servers: Readonly<Record<ReceiverName, Receiver>>;
let web: PolicyHost;
const open: { close(): unknown }[] = [];

beforeAll(async () => {
  const started = await Promise.all(
    Object.entries(receivers).map(async ([name, tls]) => [name, await startReceiver(tls)] as const),
  );
  // Object.fromEntries forgets the names
  servers = Object.fromEntries(started) as typeof servers;
  web = await startPolicyHost(authority.issue({ hosts: ['mta-sts.receiver.test'] }), { body: '' });
});

afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
  await Promise.all([...Object.values(servers), web].map((each) => each.close()));
});

describe.each(table)('%s', (policy, expected) => {
  it.each(Object.entries(expected))('%s: %s', async (name, word) => {
    // The keys of the record above
    const server = servers[name as ReceiverName];
    const before = server.mails.length;
    const result = await deliver(server, policies[policy]);
    expect(result).toBe(word);
    const delivered = ['verified', 'encrypted', 'clear'].includes(word);
    expect(server.mails.slice(before)).toEqual(
      delivered ? [{ secure: word !== 'clear', to: 'a@receiver.test' }] : [],
    );
    if (!delivered) expectExplained(word);
  });
});

it('asks the receiver for the name of the host that its policy is about (SNI)', () => {
  expect(new Set(servers.valid.names)).toEqual(new Set([host]));
});

/** Each failure says in both languages what happened, and has steps for whoever can take them. */
function expectExplained(cause: string): void {
  const general = adviceFor({ verdict: 'failedstarttls' }, knowledge);
  const advice = adviceFor({ verdict: 'failedstarttls', detail: cause, cause, state: 'waiting' }, knowledge);
  for (const language of ['ja', 'en'] as const) {
    expect(advice[language].title).not.toBe(general[language].title);
    expect(advice[language].meaning.length).toBeGreaterThan(20);
    expect(advice[language].steps.length).toBeGreaterThan(0);
  }
}

async function deliver(server: Receiver, publishing: Publishing): Promise<string> {
  const { resolver } = await namesOf(server, publishing);
  const mode = publishing.mode ?? 'opportunistic';
  const stored = new Map<string, StoredSts>();
  const sts = new StsPolicies({
    resolver,
    fetch: (domain) =>
      fetchStsPolicy(domain, {
        resolver,
        clock: systemClock,
        context,
        port: web.port,
        timeoutMs: stsTimeoutMs,
      }),
    store: { load: (domain) => stored.get(domain) ?? null, save: (domain, each) => stored.set(domain, each) },
    clock: systemClock,
  });
  const rules = publishing.rule === undefined ? [] : [{ domain: 'receiver.test', mode: publishing.rule }];
  const tls = createTlsPolicies({
    rules,
    sts: mode === 'none' ? null : sts,
    trustAd: publishing.trustAd !== false,
  });
  if (publishing.sts !== undefined)
    web.answer = { body: policyText(publishing.sts, publishing.stsMx ?? host) };
  const random = (): number => 0;
  const router = createRouter({ resolver, clock: systemClock, random, routes: [], port: server.port, tls });
  const route = await router('receiver.test');
  if (route.kind !== 'site') return route.cause;
  const dialer = new SiteDialer({ resolver, dial, clock: systemClock }, route.site);
  const opened = await dialer.open(
    {
      localAddress: null,
      hostname: 'client.test',
      tls: { mode, context },
      timeouts: defaultTimeouts,
      clock: systemClock,
    },
    () => true,
  );
  if (!opened.ok) {
    const outcome = failureOutcome(opened.failure, { ...opened, source: null, durationMs: 0 });
    // What a receiver is to mend passes once it does: the mail waits.
    expect(outcome.kind).toBe('deferred');
    return outcome.origin === 'local' ? outcome.cause : `remote ${outcome.reply.code}`;
  }
  const { session } = opened;
  const sent = await session.send({
    from: 'b@client.test',
    to: 'a@receiver.test',
    body: Buffer.from('Subject: x\r\n\r\nhello\r\n'),
    dotSafe: true,
    eightBit: false,
    smtpUtf8: false,
  });
  await session.quit();
  if (sent.kind !== 'accepted') return sent.kind;
  return session.tls === null ? 'clear' : session.tls.verified ? 'verified' : 'encrypted';
}

function policyText(mode: string, name: string): string {
  return `version: STSv1\r\nmode: ${mode}\r\nmx: ${name}\r\nmax_age: 86400\r\n`;
}

async function namesOf(
  server: Receiver,
  { sts, tlsa, signed, trustAd }: Publishing,
): Promise<{ readonly resolver: Resolver; readonly zone: DnsZone }> {
  const authenticated = signed === true;
  const records: Record<string, ZoneAnswer> = {
    'MX receiver.test': { answers: [mx('receiver.test', 10, host)], authenticated },
    [`A ${host}`]: { answers: [a(host, '127.0.0.1')], authenticated },
    [`AAAA ${host}`]: { soaSeconds: 60, authenticated },
    'A mta-sts.receiver.test': { answers: [a('mta-sts.receiver.test', '127.0.0.1')], authenticated },
  };
  if (sts !== undefined) {
    const text: Answer = { type: 'TXT', name: '_mta-sts.receiver.test', ttl: 60, data: ['v=STSv1; id=1;'] };
    records['TXT _mta-sts.receiver.test'] = { answers: [text], authenticated };
  }
  const question = `TLSA _${server.port}._tcp.${host}`;
  if (tlsa === 'bogus') records[question] = { rcode: 2 };
  else if (tlsa !== undefined) records[question] = { answers: [tlsaAnswer(tlsa, question)], authenticated };
  else if (authenticated) records[question] = { rcode: 3, soaSeconds: 60, authenticated };
  const zone = await startDnsZone(records);
  const resolver = createResolver({
    servers: [zone.server],
    timeoutMs: 2_000,
    attempts: 1,
    clock: systemClock,
    trustAd: trustAd !== false,
  });
  open.push(zone, resolver);
  return { resolver, zone };
}

function tlsaAnswer(kind: 'right' | 'wrong' | 'unusable', question: string): Answer {
  const certificate = kind === 'wrong' ? authority.certificate : good.cert;
  const { usage, selector, matching, data } = tlsaOf(certificate, [kind === 'unusable' ? 1 : 3, 1, 1]);
  return {
    type: 'TLSA',
    name: question.replace('TLSA ', ''),
    ttl: 60,
    data: { usage, selector, matchingType: matching, certificate: data },
  };
}
