// A domain from nothing to "verified": the zone file that setup prints is served by unbound, and verify finds it there.
// Then its key is changed, as far as a day allows.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { DomainSetup, DomainVerification, RotationAnswer } from '../../src/cli/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';
import { startUnbound } from '../support/unbound.ts';

const ip = '45.0.0.7';
const mail = ['@ MX 10 mx', 'mx A 45.0.0.8'];
const oldSpf = '@ TXT "v=spf1 include:_spf.shop.example ~all"';
const service = '_spf TXT "v=spf1 ip4:45.0.1.0/24 -all"';
// The tree walk of DMARC goes up to the top level (RFC 9989 §4.10).
const parent = { name: 'example', records: [], kind: 'unsigned' } as const;
const reverse = {
  name: '0.0.45.in-addr.arpa',
  records: ['7 PTR out.shop.example.'],
  kind: 'unsigned',
} as const;

/** Runs a command against a DNS that serves these records. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- who asks knows the shape of the command's document
async function asked<Answer>(
  folder: string,
  records: readonly string[],
  argv: readonly string[],
): Promise<{ readonly code: number | null; readonly answer: Answer }> {
  const own = { name: 'shop.example', records, kind: 'unsigned' } as const;
  const dns = await startUnbound([own, parent, reverse]);
  try {
    configure(folder, { dns: { servers: [dns.server] } });
    const end = await runTodoku(folder, [...argv, '--json']);
    expect(end.stderr).toBe('');
    return { code: end.code, answer: JSON.parse(end.stdout) as Answer };
  } finally {
    await dns.stop();
  }
}

let settings: object = {};
function configure(folder: string, change: object): void {
  settings = { ...settings, ...change };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(settings));
}

test('a domain is set up, verified, and gets a new key', async () => {
  const folder = temporaryFolder();
  configure(folder, {
    delivery: { hostname: 'out.shop.example' },
    sources: [{ ip, hostname: 'out.shop.example' }],
  });
  const before = [...mail, oldSpf, service];

  const first = await asked<DomainSetup>(folder, before, ['domain', 'setup', 'shop.example']);
  const [key] = first.answer.keys;
  expect(first.code).toBe(0);
  expect(key).toMatchObject({ made: true, algorithm: 'rsa-sha256' });
  expect(statSync(key?.file ?? '').mode & 0o777).toBe(0o600);
  const byPurpose = new Map(first.answer.records.map((record) => [record.purpose, record]));
  expect(byPurpose.get('spf')).toMatchObject({
    state: 'different',
    value: `v=spf1 ip4:${ip} include:_spf.shop.example ~all`,
    found: ['v=spf1 include:_spf.shop.example ~all'],
  });
  expect(byPurpose.get('source-name')?.state).toBe('in-place');
  expect(byPurpose.get('dmarc')).toMatchObject({
    name: '_dmarc.shop.example',
    state: 'missing',
    value: 'v=DMARC1; p=none; rua=mailto:dmarc@shop.example',
  });

  // The key is made once.
  const again = await asked<DomainSetup>(folder, before, ['domain', 'setup', 'shop.example']);
  expect(again.answer.keys).toEqual([{ ...key, made: false }]);
  expect(readdirSync(join(folder, 'data/dkim/shop.example'))).toHaveLength(1);
  const unpublished = await asked<DomainVerification>(folder, before, ['domain', 'verify', 'shop.example']);
  expect(unpublished).toMatchObject({ code: 1, answer: { verified: false } });

  const published = [...mail, service, ...again.answer.zone.trim().split('\n')];
  const verified = await asked<DomainVerification>(folder, published, ['domain', 'verify', 'shop.example']);
  expect(verified.answer.records.filter(({ state }) => state !== 'in-place')).toEqual([]);
  expect(verified).toMatchObject({ code: 0, answer: { verified: true, keys: 1 } });

  const domains = [{ name: 'shop.example', dkim: [{ selector: key?.selector, key: key?.file }] }];
  configure(folder, { domains });
  const made = await asked<RotationAnswer>(folder, published, ['domain', 'rotate', 'shop.example']);
  expect(made.answer).toMatchObject({ step: { kind: 'publish' }, rotation: { replaces: [key?.selector] } });
  const { publish, rotation } = made.answer;
  expect(rotation.selector).not.toBe(key?.selector);
  const both = [
    ...published,
    `${publish.name}. TXT ${publish.value
      .match(/.{1,200}/g)
      ?.map((text) => `"${text}"`)
      .join(' ')}`,
  ];
  const seen = await asked<RotationAnswer>(folder, both, ['domain', 'rotate', 'shop.example']);
  expect(seen.answer).toMatchObject({ step: { kind: 'switch' }, rotation: { switched: null } });
  expect(seen.answer.rotation.verified).not.toBeNull();

  configure(folder, {
    domains: [{ name: 'shop.example', dkim: [{ selector: rotation.selector, key: rotation.file }] }],
  });
  const switched = await asked<RotationAnswer>(folder, both, ['domain', 'rotate', 'shop.example']);
  expect(switched.answer.step.kind).toBe('wait');
  const kept: unknown = JSON.parse(
    readFileSync(join(folder, 'data/dkim/shop.example/rotations.json'), 'utf8'),
  );
  expect(kept).toEqual([switched.answer.rotation]);
});
