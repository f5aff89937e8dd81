import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { sendTlsReports } from '../../src/app/tls-reports.ts';
import { systemClock } from '../../src/base/index.ts';
import { loadConfig } from '../../src/config/index.ts';
import { readReport } from '../../src/reports/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';
import { SessionRecorder } from '../../src/tls/index.ts';
import type { SentReport } from '../../src/tls/index.ts';
import { makeAuthority } from '../support/authority.ts';
import { campaignFolder, senderDomain } from '../support/campaign-folder.ts';
import { checkDkim } from '../support/dkim-check.ts';
import { a, mx, startDnsZone } from '../support/dns-zone.ts';
import type { ZoneAnswer } from '../support/dns-zone.ts';
import { startPolicyHost, startReceiver } from '../support/tls-receiver.ts';

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

const dayMs = 86_400_000;
const authority = makeAuthority();
const policy = {
  mode: 'testing',
  maxAgeSeconds: 86_400,
  mx: ['mx.receiver.test'],
} as const;

const txt = (name: string, data: string): ZoneAnswer => ({
  answers: [{ type: 'TXT', name, ttl: 60, data: [data] }],
});

/** A Todoku that mailed receiver.test and quiet.test yesterday, and the world that it reports to. */
async function world() {
  const { folder, keys } = campaignFolder({ port: 1, addresses: [] });
  const receiver = await startReceiver({ kind: 'stripped' });
  const web = await startPolicyHost(authority.issue({ hosts: ['reports.receiver.test'] }), { body: '' });
  const records: Record<string, ZoneAnswer> = {
    'TXT _smtp._tls.receiver.test': txt(
      '_smtp._tls.receiver.test',
      `v=TLSRPTv1; rua=mailto:tls@receiver.test,https://reports.receiver.test:${web.port}/take?x=1`,
    ),
    'MX receiver.test': { answers: [mx('receiver.test', 10, 'mx.receiver.test')] },
    'A mx.receiver.test': { answers: [a('mx.receiver.test', '127.0.0.1')] },
    'A reports.receiver.test': { answers: [a('reports.receiver.test', '127.0.0.1')] },
    'TXT _smtp._tls.silent.test': { drop: true },
  };
  const zone = await startDnsZone(records);
  writeFileSync(join(folder, 'ca.pem'), authority.certificate);
  writeFileSync(
    join(folder, 'reports.yaml'),
    `dns: { servers: ["${zone.server}"], timeout: 100ms, attempts: 1 }
delivery: { port: ${receiver.port}, tlsCa: ca.pem, hostname: mail.news.example }
tlsReports: { from: "tls-reports@${senderDomain}", organization: News }
domains: [{ name: ${senderDomain}, dkim: [{ selector: ed25519-sha256, key: ed25519-sha256.pem, algorithm: ed25519-sha256 }] }]
`,
  );
  const config = loadConfig({
    file: join(folder, 'reports.yaml'),
    explicit: true,
    environment: {},
    hostname: 'mail.news.example',
  });
  const store = openStore({ folder: join(folder, 'data'), clock: systemClock, create: true });
  open.push(receiver, web, zone, store);
  const send = (): Promise<readonly SentReport[]> =>
    sendTlsReports({ config, store, clock: systemClock, random: () => 0 });
  return { receiver, web, zone, store, keys, records, send };
}

async function count(store: Store, domain: string, atMs: number): Promise<void> {
  const recorder = new SessionRecorder(store.tlsCounts, { ...systemClock, now: () => atMs });
  const sts = { policy, trouble: { kind: 'sts-policy-fetch-error', text: 'down' } } as const;
  const source = recorder.watching({
    configured: () => ({ floor: null, dane: false, sts: null }),
    policyFor: () => Promise.resolve({ floor: null, dane: false, sts }),
  });
  await source.policyFor(domain);
  const seen = { domain, host: 'mx.receiver.test', address: '192.0.2.1', source: '192.0.2.9', tlsa: null };
  recorder.seen([
    { ...seen, trouble: null, sessions: 3 },
    { ...seen, trouble: 'expired', sessions: 2 },
    { ...seen, host: 'other.test', trouble: null, sessions: 1 },
  ]);
  recorder.seen([
    { ...seen, trouble: null, sessions: 1 },
    { ...seen, trouble: 'dane-mismatch', tlsa: ['3 1 1 ab'], sessions: 1 },
  ]);
}

it('makes a report of yesterday, and brings it by mail and by HTTPS to whoever asks', async () => {
  const { receiver, web, store, keys, send } = await world();
  const nowMs = systemClock.now();
  await count(store, 'receiver.test', nowMs - dayMs);
  await count(store, 'quiet.test', nowMs - dayMs);
  await count(store, 'receiver.test', nowMs);
  const sent = await send();
  expect(sent).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ domain: 'receiver.test', state: 'sent' }),
      expect.objectContaining({ domain: 'quiet.test', state: 'unwanted' }),
    ]),
  );

  const [mail = Buffer.alloc(0)] = receiver.contents;
  expect(receiver.mails).toEqual([{ secure: false, to: 'tls@receiver.test' }]);
  expect(checkDkim(mail, keys)).toEqual(['']);
  const text = mail.toString('latin1');
  expect(text).toMatch(/^TLS-Report-Domain: receiver\.test\r$/m);
  expect(text).toMatch(new RegExp(`^TLS-Report-Submitter: ${senderDomain}\r$`, 'm'));
  expect(text).toMatch(/report-type="tlsrpt"/);

  const day = new Date(nowMs - dayMs).toISOString().slice(0, 10);
  const read = readReport(mail);
  expect(read).toMatchObject({
    reports: [
      {
        kind: 'tls',
        'organization-name': 'News',
        'contact-info': `tls-reports@${senderDomain}`,
        'date-range': { 'start-datetime': `${day}T00:00:00Z`, 'end-datetime': `${day}T23:59:59Z` },
      },
    ],
  });
  expect(JSON.parse(gunzipSync(web.bodies[0] ?? '').toString())).toMatchObject({
    policies: expect.arrayContaining([
      {
        policy: {
          'policy-type': 'sts',
          'policy-string': ['version: STSv1', 'mode: testing', 'mx: mx.receiver.test', 'max_age: 86400'],
          'policy-domain': 'receiver.test',
          'mx-host': ['mx.receiver.test'],
        },
        summary: { 'total-successful-session-count': 4, 'total-failure-session-count': 3 },
        'failure-details': expect.arrayContaining([
          {
            'result-type': 'certificate-expired',
            'sending-mta-ip': '192.0.2.9',
            'receiving-mx-hostname': 'mx.receiver.test',
            'receiving-ip': '192.0.2.1',
            'failed-session-count': 2,
            'failure-reason-code': 'expired',
          },
          expect.objectContaining({
            'result-type': 'validation-failure',
            'receiving-mx-hostname': 'other.test',
          }),
        ]) as unknown,
      },
      expect.objectContaining({
        policy: { 'policy-type': 'tlsa', 'policy-string': ['3 1 1 ab'], 'policy-domain': 'receiver.test' },
      }),
      expect.objectContaining({
        'failure-details': [expect.objectContaining({ 'result-type': 'sts-policy-fetch-error' }) as unknown],
      }),
    ]) as unknown,
  });
  expect(web.asked[0]).toBe(`reports.receiver.test:${web.port}/take?x=1`);

  // Once: the day is reported, and today is not over.
  expect(await send()).toEqual([]);
  expect(receiver.mails.length).toBe(1);
});

it('keeps a report open while nobody takes it or the DNS does not answer, and gives up after five tries', async () => {
  const { receiver, web, store, send } = await world();
  const atMs = systemClock.now() - dayMs;
  await count(store, 'receiver.test', atMs);
  await count(store, 'silent.test', atMs);
  await receiver.close();
  open.splice(open.indexOf(receiver), 1);
  web.answer = { status: 500, body: '' };
  const states: string[] = [];
  for (let tries = 0; tries < 6; tries += 1) states.push(...(await send()).map(({ state }) => state));
  expect(states).toEqual(['open', 'open', 'open', 'open', 'failed']);
  const left = store.tlsCounts.reports(null);
  expect(left.find(({ domain }) => domain === 'silent.test')).toMatchObject({ state: 'open', tries: 0 });
  expect(left.find(({ domain }) => domain === 'receiver.test')?.detail).toMatch(/HTTP status 500/);
});
