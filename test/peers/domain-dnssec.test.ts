// The check of a domain by a real validating resolver: signed, unsigned and broken zones.
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import { checkDomain } from '../../src/deliverability/index.ts';
import { createFindings, loadFindingTexts } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { createResolver } from '../../src/net/dns/index.ts';
import { startUnbound } from '../support/unbound.ts';
import type { SignedZone } from '../support/unbound.ts';

const finding = createFindings(loadFindingTexts(defaultKnowledgeFolder()));
const records = [
  '@ MX 10 mx',
  'mx A 127.0.0.1',
  'mx A 45.0.0.8',
  `_25._tcp.mx TLSA 3 1 1 ${'ab'.repeat(32)}`,
  '@ TXT "v=spf1 mx include:_spf" "" ".shop.example -all"',
  '_spf TXT "v=spf1 ip4:45.0.0.0/24 -all"',
  `s1._domainkey TXT "v=DKIM1; p="`,
  '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:dmarc@shop.example"',
];

async function found(kind: SignedZone['kind']): Promise<readonly string[]> {
  const zones = [
    { name: 'shop.example', records, kind },
    { name: 'example', records: [], kind: 'unsigned' },
  ] as const;
  const dns = await startUnbound(zones);
  onTestFinished(async () => await dns.stop());
  const resolver = createResolver({
    servers: [dns.server],
    timeoutMs: 5_000,
    attempts: 1,
    trustAd: true,
    clock: systemClock,
  });
  onTestFinished(() => resolver.close());
  const question = {
    domain: 'shop.example',
    returnPath: 'shop.example',
    signingDomain: 'shop.example',
    isOurs: false,
    keys: [{ selector: 's1', publicKey: null }],
    sources: [],
  };
  const findings = await checkDomain(question, {
    finding,
    resolver,
    clock: systemClock,
    random: () => 0.5,
    lists: [],
    trustsDnssec: true,
    reach: async (_place, proof) =>
      await Promise.resolve({ open: true, proven: proof === null ? null : true, text: 'TLSv1.3' }),
    fetchSts: async () => await Promise.resolve({ ok: false, cause: 'fetch-error', text: 'none' }),
  });
  return findings.map(({ id }) => id).filter((id) => /\.(?:mx|spf|dkim|dmarc|dane|dns)-/.test(id));
}

describe('through unbound', () => {
  test('a signed zone: TLSA records count; long TXT records are read whole', async () => {
    expect(await found('signed')).toEqual([
      'domain.mx-ok',
      'domain.spf-ok',
      'domain.dkim-revoked',
      'domain.dmarc-ok',
      'domain.dane-ok',
    ]);
  });

  test('an unsigned zone: they do not', async () => {
    expect(await found('unsigned')).toContain('domain.dane-unsigned');
  });

  test('a broken signature is a silence of the DNS, and never a missing record', async () => {
    const ids = await found('bogus');
    expect(ids).toContain('domain.dns-silent');
    expect(ids).not.toContain('domain.mx-missing');
  });
});
