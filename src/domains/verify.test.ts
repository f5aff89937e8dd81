import { expect, test } from 'vitest';
import type { DnsAnswer, MxRecord } from '../net/dns/index.ts';
import { findRecords, isVerified } from './index.ts';
import type { WantedRecord } from './index.ts';

const wanted = {
  dkim: { purpose: 'dkim', type: 'TXT', name: 's._domainkey.a.jp', value: 'v=DKIM1; k=rsa; p=AAAA' },
  spf: { purpose: 'spf', type: 'TXT', name: 'b.a.jp', value: 'v=spf1 ip4:192.0.2.1 a:mail.a.jp -all' },
  dmarc: {
    purpose: 'dmarc',
    type: 'TXT',
    name: '_dmarc.a.jp',
    value: 'v=DMARC1; p=none; rua=mailto:dmarc@b.a.jp',
  },
  mx: { purpose: 'return-path', type: 'MX', name: 'b.a.jp', value: '10 mail.a.jp' },
} as const satisfies Readonly<Record<string, WantedRecord>>;

function found<T>(records: readonly T[]): DnsAnswer<T> {
  return { kind: 'found', records, ttlSeconds: 1, authenticated: false };
}

test.each([
  ['dkim', ['v=DKIM1;k=rsa;p=AA AA'], 'found'],
  ['dkim', ['v=DKIM1; p=BBBB'], 'different'],
  ['dkim', ['v=DKIM1; p='], 'different'],
  ['dkim', ['something else', 'v=DKIM1; p=AAAA'], 'found'],
  ['spf', ['v=spf1 include:x.jp ip4:192.0.2.1 +a:mail.a.jp ~all'], 'found'],
  ['spf', ['V=SPF1 IP4:192.0.2.1 A:MAIL.A.JP -ALL'], 'found'],
  ['spf', ['v=spf1 ip4:192.0.2.1 -all'], 'different'],
  ['spf', ['v=spf1 ip4:192.0.2.1 a:mail.a.jp -all', 'v=spf1 -all'], 'different'],
  ['spf', ['v=spf10 ip4:192.0.2.1 a:mail.a.jp'], 'missing'],
  ['spf', ['google-site-verification=x'], 'missing'],
  ['dmarc', ['v=DMARC1; p=reject'], 'found'],
  ['dmarc', ['v=DMARC1; rua=mailto:a@b'], 'different'],
  ['dmarc', [], 'missing'],
] as const)('%s with %j is %s', async (name, texts, state) => {
  const resolver = { txt: async () => found<string>(texts), mx: async () => found<MxRecord>([]) };
  expect(await findRecords([wanted[name]], resolver)).toMatchObject([{ state }]);
});

test.each([
  [[{ preference: 5, exchange: 'MAIL.a.jp.' }], 'found'],
  [[{ preference: 5, exchange: 'mx.elsewhere.jp' }], 'different'],
])('a return path that leads to %j is %s', async (records, state) => {
  const resolver = { txt: async () => found<string>([]), mx: async () => found(records) };
  expect(await findRecords([wanted.mx], resolver)).toMatchObject([{ state }]);
});

test('what the DNS does not answer is not known, and what it answers is shown in part', async () => {
  const failed = { kind: 'failed', cause: 'timeout', server: '' } as const;
  const silent = { txt: async () => failed, mx: async () => failed };
  const unknown = await findRecords(Object.values(wanted), silent);
  expect(new Set(unknown.map(({ state }) => state))).toEqual(new Set(['unknown']));
  expect(isVerified(unknown)).toBeNull();
  const flood = {
    txt: async () => found(Array.from({ length: 100 }, () => 'x'.repeat(60_000))),
    mx: async () => failed,
  };
  const [shown] = await findRecords([wanted.dkim], flood);
  expect(shown?.found.map(({ length }) => length)).toEqual([500, 500, 500, 500, 500]);
  expect(isVerified([])).toBe(false);
});
