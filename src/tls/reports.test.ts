import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readReportAddresses } from './report-address.ts';
import { countOf } from './session-counts.ts';
import type { TlsTrouble } from './session-counts.ts';

it.each([
  [['v=TLSRPTv1; rua=mailto:a@x.test'], ['a@x.test']],
  [['v=TLSRPTv1;rua=mailto:a%2Bb@x.test,https://x.test/r;'], ['a+b@x.test', 'https://x.test/r']],
  [['v=spf1 -all', 'v=TLSRPTv1; rua=mailto:a@x.test?subject=x'], ['a@x.test']],
  [['v=TLSRPTv1; rua=mailto:a@x.test', 'v=TLSRPTv1; rua=mailto:b@x.test'], []],
  [['v=TLSRPTv1; rua=http://x.test/r, ftp://x.test, mailto:, mailto:%zz@x.test, tls'], []],
  [['v=TLSRPTv1; rua=mailto:a@x.test%0d%0aBcc:b@x.test'], []],
  [['v=TLSRPTv1; rua=https://user:secret@x.test/'], []],
  [['v=TLSRPTv1'], []],
  [[], []],
])('%j asks for reports at %j', (records, expected) => {
  const addresses = readReportAddresses(records);
  expect(addresses.map((each) => (each.kind === 'mail' ? each.address : each.url))).toEqual(expected);
});

it('makes addresses of any text, and not many', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 200 }), { maxLength: 5 }), fc.string(), (records, rua) => {
      const addresses = readReportAddresses([...records, `v=TLSRPTv1; rua=${rua}`]);
      expect(addresses.length).toBeLessThanOrEqual(4);
    }),
  );
});

const seen = { domain: 'd.test', host: 'mx.test', address: null, source: null, sessions: 1 };
const policy = { mode: 'testing', maxAgeSeconds: 1, mx: ['mx.test'] } as const;

// RFC 8460 §4.3.
it.each<[TlsTrouble | null, withoutPolicy: string | null, sts: string | null]>([
  [null, null, null],
  ['no-starttls', 'starttls-not-supported', 'starttls-not-supported'],
  ['handshake', 'validation-failure', 'validation-failure'],
  ['self-signed', null, 'certificate-not-trusted'],
  ['untrusted', null, 'certificate-not-trusted'],
  ['expired', null, 'certificate-expired'],
  ['name-mismatch', null, 'certificate-host-mismatch'],
])('%s is %s without a policy and %s under MTA-STS', (trouble, withoutPolicy, sts) => {
  const without = countOf({ ...seen, trouble, tlsa: null }, null, '2026-11-24');
  expect(without).toMatchObject({ policyType: 'no-policy-found', result: withoutPolicy });
  const under = countOf({ ...seen, trouble, tlsa: null }, { policy, trouble: null }, '2026-11-24');
  expect(under).toMatchObject({ policyType: 'sts', result: sts });
});

it('counts sessions under DANE by their records, whatever the MTA-STS policy says', () => {
  const count = countOf(
    { ...seen, trouble: 'dane-mismatch', tlsa: ['3 1 1 ab'] },
    { policy, trouble: null },
    'x',
  );
  expect(count).toMatchObject({ policyType: 'tlsa', policy: ['3 1 1 ab'], result: 'tlsa-invalid' });
  expect(countOf({ ...seen, trouble: null, tlsa: ['3 1 1 ab'] }, null, 'x').result).toBeNull();
});
