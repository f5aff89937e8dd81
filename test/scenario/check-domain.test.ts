// What an operator sees of a domain that is half set up, against a DNS server that is up, and one that hangs.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DomainAnswer } from '../../src/cli/index.ts';
import { startDnsZone } from '../support/dns-zone.ts';
import type { ZoneAnswer } from '../support/dns-zone.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';

async function folderWith(records: Readonly<Record<string, ZoneAnswer>>, dns: object = {}): Promise<string> {
  const zone = await startDnsZone(records);
  onTestFinished(async () => await zone.close());
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'todoku.yaml'),
    JSON.stringify({ dns: { servers: [zone.server], ...dns }, delivery: { hostname: 'out.shop.example' } }),
  );
  return folder;
}

const txt = (name: string, data: string): ZoneAnswer => ({ answers: [{ type: 'TXT', name, ttl: 60, data }] });
const records: Readonly<Record<string, ZoneAnswer>> = {
  'MX shop.example': {
    answers: [
      { type: 'MX', name: 'shop.example', ttl: 60, data: { preference: 10, exchange: 'mx.shop.example' } },
    ],
  },
  'A mx.shop.example': { answers: [{ type: 'A', name: 'mx.shop.example', ttl: 60, data: '10.0.0.1' }] },
  'AAAA mx.shop.example': {},
  'CNAME mx.shop.example': {},
  'TXT shop.example': txt('shop.example', 'v=spf1 ip4:203.0.113.0/24 -all'),
  'TXT _dmarc.shop.example': txt('_dmarc.shop.example', 'v=DMARC1; p=none; rua=mailto:dmarc@shop.example'),
  'TXT s1._domainkey.shop.example': txt('s1._domainkey.shop.example', 'v=DKIM1; p='),
};

test('findings with advice in both languages, and the rules of providers', async () => {
  const folder = await folderWith(records);
  const argv = ['check', 'domain', 'shop.example', '--ip', '203.0.113.5', '--selector', 's1'];
  const end = await runTodoku(folder, [...argv, '--json']);
  expect(end).toMatchObject({ code: 1, stderr: '' });
  const answer = JSON.parse(end.stdout) as DomainAnswer & { readonly summary: object };
  expect(Object.keys(answer).toSorted()).toEqual(['findings', 'rules', 'subject', 'summary']);
  const problems = answer.findings.filter(({ severity }) => severity === 'problem').map(({ id }) => id);
  expect(problems).toEqual(['domain.mx-private', 'domain.dkim-revoked', 'domain.source-no-name']);
  expect(answer.findings.some(({ id }) => id === 'domain.spf-ok')).toBe(true);
  const broken = answer.rules.filter(({ result }) => result === 'fail');
  expect(broken).toContainEqual(
    expect.objectContaining({ provider: 'gmail', rule: 'reverse-dns', because: ['domain.source-no-name'] }),
  );

  const shown = await runTodoku(folder, [...argv, '--lang', 'ja']);
  expect(shown.stdout).toContain('送信元に逆引き（PTR）がありません');
  expect(shown.stdout).toContain('Gmail');
  expect(shown.stdout).toContain('✗ ［大量送信］SPF と DKIM の両方に合格する (domain.dkim-revoked)');
});

test('a DNS that does not answer is told as such, never as a missing record', async () => {
  const silent: ZoneAnswer = { drop: true };
  const names = ['MX shop.example', 'TXT shop.example', 'TXT _dmarc.shop.example'];
  const folder = await folderWith(Object.fromEntries(names.map((name) => [name, silent])), {
    timeout: '200ms',
    attempts: 1,
  });
  const end = await runTodoku(folder, ['check', 'domain', 'shop.example', '--json']);
  const { findings } = JSON.parse(end.stdout) as DomainAnswer;
  const ids = findings.map(({ id }) => id);
  expect(ids.filter((id) => id === 'domain.dns-silent').length).toBeGreaterThanOrEqual(3);
  expect(ids).not.toContain('domain.spf-missing');
  expect(ids).not.toContain('domain.dmarc-missing');
});
