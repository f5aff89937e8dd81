// The tree walk of RFC 9989 §4.10: tables of our own, and the same answers as mailauth for random trees.
import fc from 'fast-check';
import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { describe, expect, test } from 'vitest';
import { resolverOf } from '../../../test/findings/domain-zone.ts';
import type { Zone } from '../../../test/findings/domain-zone.ts';
import { isNearlyDmarc, readDmarcRecord } from './dmarc-record.ts';
import { isAligned, walkDmarc } from './dmarc-walk.ts';
import { nodeResolver } from './node-resolver.ts';

const reject = 'v=DMARC1; p=reject';

describe('finds the policy and the organizational domain', () => {
  test.each<[what: string, domain: string, zone: Zone, recordDomain: string | null, organization: string]>([
    ['nothing', 'a.b.example', {}, null, 'a.b.example'],
    ['its own', 'a.b.example', { 'TXT _dmarc.a.b.example': [reject] }, 'a.b.example', 'a.b.example'],
    ['from above', 'a.b.example', { 'TXT _dmarc.b.example': [reject] }, 'b.example', 'b.example'],
    [
      'its own before that above',
      'a.b.example',
      { 'TXT _dmarc.a.b.example': [reject], 'TXT _dmarc.b.example': [reject] },
      'a.b.example',
      'b.example',
    ],
    [
      'psd=n ends the walk',
      'a.b.example',
      { 'TXT _dmarc.a.b.example': [`${reject}; psd=n`], 'TXT _dmarc.b.example': [reject] },
      'a.b.example',
      'a.b.example',
    ],
    [
      'psd=y: one label below',
      'a.b.c.example',
      { 'TXT _dmarc.c.example': [`${reject}; psd=y`] },
      'c.example',
      'b.c.example',
    ],
    [
      'several count as none',
      'b.example',
      { 'TXT _dmarc.b.example': [reject, 'v=DMARC1; p=none'] },
      null,
      'b.example',
    ],
    [
      'others beside it do not',
      'b.example',
      { 'TXT _dmarc.b.example': ['x=y', reject] },
      'b.example',
      'b.example',
    ],
    [
      'a long name: straight to seven labels',
      'a.b.c.d.e.f.g.h.i.example',
      { 'TXT _dmarc.b.c.d.e.f.g.h.i.example': [reject], 'TXT _dmarc.d.e.f.g.h.i.example': [reject] },
      'd.e.f.g.h.i.example',
      'd.e.f.g.h.i.example',
    ],
  ])('%s', async (_what, domain, zone, recordDomain, organizationalDomain) => {
    const walk = await walkDmarc(domain, resolverOf(zone, false));
    expect(walk).toMatchObject({ recordDomain, organizationalDomain });
  });

  test('never asks more than eight names, however long the domain', async () => {
    let asked = 0;
    const domain = Array.from({ length: 100 }, (_, index) => `l${index}`).join('.');
    const txt = async (): ReturnType<ReturnType<typeof resolverOf>['txt']> => {
      asked += 1;
      return await Promise.resolve({ kind: 'nxdomain', ttlSeconds: 1, authenticated: false });
    };
    await walkDmarc(domain, { txt });
    expect(asked).toBe(8);
  });
});

test.each<[proved: string, strict: boolean, aligned: boolean]>([
  ['shop.example', true, true],
  ['bounce.shop.example', false, true],
  ['bounce.shop.example', true, false],
  ['other.example', false, false],
])('alignment of %s, strict %s', async (proved, strict, aligned) => {
  const resolver = resolverOf({ 'TXT _dmarc.shop.example': [reject] }, false);
  const author = { domain: 'shop.example', organizationalDomain: 'shop.example', strict };
  expect(await isAligned(proved, author, resolver)).toBe(aligned);
});

const texts = fc.constantFrom(
  reject,
  'v=DMARC1;p=none;rua=mailto:a@b.example',
  'v=DMARC1; p=quarantine; sp=none',
  `${reject}; psd=y`,
  `${reject}; psd=n`,
  'v=DMARC1 ; p = reject',
  'v=dmarc1; p=reject',
  'google-site-verification=x',
);

test('agrees with mailauth on policy and place', async () => {
  const records = fc.record({
    'TXT _dmarc.a.b.c.example': fc.array(texts, { maxLength: 2 }),
    'TXT _dmarc.b.c.example': fc.array(texts, { maxLength: 2 }),
    'TXT _dmarc.c.example': fc.array(texts, { maxLength: 2 }),
    'TXT _dmarc.example': fc.array(texts, { maxLength: 1 }),
  });
  await fc.assert(
    fc.asyncProperty(records, async (zone) => {
      const resolver = resolverOf({ ...zone, 'A a.b.c.example': ['192.0.2.1'] }, false);
      const walk = await walkDmarc('a.b.c.example', resolver);
      const theirs = await dmarc({
        headerFrom: ['x@a.b.c.example'],
        spfDomains: [],
        dkimDomains: [],
        // Its declaration is that of dns.resolve with all its overloads.
        resolver: nodeResolver(resolver) as never,
      });
      const theirPolicy = theirs === false || theirs.status.result === 'none' ? null : theirs.p;
      expect({ zone, policy: walk.record?.policy ?? null }).toEqual({ zone, policy: theirPolicy });
    }),
    { numRuns: 500 },
  );
});

test('reads records as they are written in the field', () => {
  expect(
    readDmarcRecord('v=DMARC1; p=Reject; adkim=S; rua=mailto:a@X.example!10m, https://x.example/r'),
  ).toMatchObject({
    policy: 'reject',
    strictDkim: true,
    strictSpf: false,
    rua: [{ domain: 'x.example' }, { domain: null }],
  });
  expect(readDmarcRecord('v=DMARC1; p=reject; p=none; oops').faults).toEqual(['p= comes twice', 'oops']);
  expect(isNearlyDmarc('v=DMARC1; p=none')).toBe(false);
  expect(isNearlyDmarc('v=spf1 -all')).toBe(false);
});
