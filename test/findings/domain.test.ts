import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { brokenWorlds, look } from './domain-worlds.ts';
import { faultsOf } from './world.ts';

test.each(brokenWorlds)('$id: $what', async ({ id, look: found }) => {
  expect([...new Set(faultsOf(await found()))]).toEqual([id]);
});

describe('a healthy world', () => {
  test('everything is in order, and each part says so', async () => {
    expect((await look()).map(({ id }) => id)).toEqual([
      'domain.mx-ok',
      'domain.spf-ok',
      'domain.dkim-ok',
      'domain.dmarc-ok',
      'domain.source-ok',
      'domain.sts-ok',
      'domain.tls-reports-ok',
      'domain.dane-ok',
      'domain.bimi-ok',
      'blocklists.not-listed',
      'blocklists.not-listed',
    ]);
  });

  test.each<[what: string, record: string]>([
    ['a macro in the record', 'v=spf1 exists:%{i}._spf.shop.example include:%{d}._x.shop.example mx -all'],
    ['a redirect', 'v=spf1 redirect=_spf.shop.example'],
    ['both lengths', 'v=spf1 a:mx.shop.example/28//64 ~all'],
  ])('%s', async (_what, record) => {
    const zone = { 'TXT shop.example': [record], 'TXT _spf.shop.example': ['v=spf1 mx -all'] };
    expect(faultsOf(await look({ zone, question: { sources: [], isOurs: false } }))).toEqual([]);
  });

  test('a sub-domain lives by the policy of its organization', async () => {
    const zone = {
      'MX mail.shop.example': ['10 mx.shop.example'],
      'TXT mail.shop.example': ['v=spf1 ip4:203.0.113.5 -all'],
    };
    const found = await look({ zone, question: { returnPath: 'mail.shop.example' } });
    expect(faultsOf(found)).toEqual([]);
  });

  test('a sub-domain that is signed in the name of the domain above it', async () => {
    const zone = {
      'MX mail.shop.example': ['10 mx.shop.example'],
      'TXT mail.shop.example': ['v=spf1 ip4:203.0.113.5 -all'],
    };
    const question = { domain: 'mail.shop.example', signingDomain: 'shop.example' };
    const ids = faultsOf(await look({ zone, question }));
    expect(ids.filter((id) => !/\.(?:sts|tls-reports|bimi)-missing$/.test(id))).toEqual([]);
  });

  test('a source of which nobody knows what it greets with', async () => {
    expect(faultsOf(await look({ question: { sources: [{ ip: '203.0.113.5', hostname: null }] } }))).toEqual(
      [],
    );
  });

  test('reports may go to whoever agreed to take them', async () => {
    const zone = {
      'TXT _dmarc.shop.example': ['v=DMARC1; p=reject; rua=mailto:shop@reports.example!10m'],
      'TXT shop.example._report._dmarc.reports.example': ['v=DMARC1'],
    };
    expect(faultsOf(await look({ zone }))).toEqual([]);
  });
});

test('shows the tree of look-ups as evidence', async () => {
  const zone = {
    'TXT shop.example': ['v=spf1 include:_spf.shop.example mx -all'],
    'TXT _spf.shop.example': ['v=spf1 a:mx.shop.example ip4:203.0.113.0/28 ~all'],
  };
  const found = (await look({ zone })).find(({ id }) => id === 'domain.spf-ok');
  expect(found?.evidence.split('\n')).toEqual([
    'shop.example: 3 look-ups, 0 void',
    '  include:_spf.shop.example  [2]',
    '    a:mx.shop.example  [1]',
    '    ip4:203.0.113.0/28',
    '    ~all',
    '  mx  [1]',
    '  -all',
  ]);
});

test('one host of two that works makes the other a warning', async () => {
  const zone = {
    'MX shop.example': ['10 mx.shop.example', '20 192.0.2.1'],
  };
  const found = await look({ zone });
  expect(found.find(({ id }) => id === 'domain.mx-is-address')?.severity).toBe('warning');
});

test('whatever strangers publish, every part ends with findings', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'v=spf1 ',
      'v=DMARC1; ',
      'v=DKIM1; ',
      'p=',
      'include:',
      'redirect=',
      '%{',
      'rua=mailto:',
      ';',
      ' ',
      '\\',
      '"',
      ':',
      '/',
      'all',
      'l=',
      'v=BIMI1;',
      'v=STSv1; id=',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const text = fc.array(piece, { maxLength: 30 }).map((parts) => parts.join(''));
  const names = [
    'TXT shop.example',
    'TXT _dmarc.shop.example',
    'TXT s1._domainkey.shop.example',
    'TXT _mta-sts.shop.example',
    'TXT default._bimi.shop.example',
    'TXT _smtp._tls.shop.example',
    'PTR 5.113.0.203.in-addr.arpa',
  ];
  const zone = fc.record(Object.fromEntries(names.map((name) => [name, fc.array(text, { maxLength: 3 })])));
  await fc.assert(
    fc.asyncProperty(zone, text, async (broken, policy) => {
      const found = await look({ zone: broken, policy });
      expect(found.every(({ evidence }) => evidence.length <= 2_000)).toBe(true);
      expect(found.length).toBeGreaterThan(5);
    }),
    { numRuns: 300 },
  );
});
