import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadBlocklists } from '../../src/deliverability/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { a, startDnsZone } from '../support/dns-zone.ts';
import type { DnsZone, ZoneAnswer } from '../support/dns-zone.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';

const key = 'abcdefghijklmnopqrstuvwxyz';
const is = (name: string, address: string): ZoneAnswer => ({ answers: [a(name, address)] });

async function world(
  more: Readonly<Record<string, ZoneAnswer>>,
  config: object = {},
): Promise<{ folder: string; zone: DnsZone }> {
  const records: Record<string, ZoneAnswer> = { ...more };
  for (const { test: entry, zone } of loadBlocklists(defaultKnowledgeFolder()).living) {
    const name = `${entry.listed}.${zone.replace('{key}', key)}`;
    records[`A ${name}`] ??= is(name, '127.0.0.2');
  }
  const zone = await startDnsZone(records);
  onTestFinished(() => zone.close());
  const folder = temporaryFolder();
  const dns = { servers: [zone.server], timeout: '500ms', attempts: 1 };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify({ dns, ...config }));
  writeFileSync(join(folder, 'dqs.key'), `${key}\n`);
  return { folder, zone };
}

const zen = '9.113.0.203.zen.spamhaus.org';
const check = ['check', 'blocklists', '--json'];

test('all sources and domains of the configuration, in one document', async () => {
  const config = {
    sources: [{ ip: '203.0.113.9', hostname: 'mail.shop.example' }],
    domains: [{ name: 'shop.example' }],
  };
  const { folder } = await world({ [`A ${zen}`]: is(zen, '127.0.0.3') }, config);
  const { code, stdout, stderr } = await runTodoku(folder, check);
  expect([code, stderr]).toEqual([1, '']);
  expect(JSON.parse(stdout)).toMatchObject({
    subject: '203.0.113.9, shop.example',
    findings: [
      { id: 'blocklists.listed', subject: '203.0.113.9', evidence: 'zen.spamhaus.org → 127.0.0.3' },
      { id: 'blocklists.not-listed', subject: 'shop.example' },
    ],
    summary: { problem: 1, warning: 0, info: 0, ok: 1 },
  });
});

test('a list that hangs and one that refuses are told of, and nothing is listed', async () => {
  const spamcop = '9.113.0.203.bl.spamcop.net';
  const records = { [`A ${zen}`]: is(zen, '127.255.255.254'), [`A ${spamcop}`]: { drop: true } };
  const { folder } = await world(records);
  const { code, stdout } = await runTodoku(folder, [...check, '203.0.113.9']);
  expect(code).toBe(0);
  const { findings } = JSON.parse(stdout) as { findings: { id: string }[] };
  expect(findings.map(({ id }) => id)).toEqual([
    'blocklists.not-listed',
    'blocklists.refused',
    'blocklists.silent',
  ]);
});

test('the key of an account is used, and seen nowhere', async () => {
  const name = `9.113.0.203.${key}.zen.dq.spamhaus.net`;
  const accounts = { blocklists: { accounts: [{ name: 'spamhaus-dqs', keyFile: 'dqs.key' }] } };
  const { folder, zone } = await world({ [`A ${name}`]: is(name, '127.0.0.2') }, accounts);
  const { code, stdout, stderr } = await runTodoku(folder, [...check, '203.0.113.9']);
  expect(code).toBe(1);
  expect(zone.questions).toContain(`A ${name}`);
  expect(zone.questions).not.toContain(`A ${zen}`);
  expect(stdout + stderr).not.toContain(key);
  const shown = await runTodoku(folder, ['config', 'show']);
  expect(shown.stdout).not.toContain(key);
});

test.each([
  ['an account that no list has', { name: 'spamhaus-dqz', keyFile: 'dqs.key' }, 'did you mean spamhaus-dqs?'],
  ['a key that is not there', { name: 'spamhaus-dqs', keyFile: 'none.key' }, 'holds no key'],
])('%s is said in a line', async (_what, account, said) => {
  const { folder } = await world({}, { blocklists: { accounts: [account] } });
  const { code, stdout, stderr } = await runTodoku(folder, [...check, '203.0.113.9']);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(said);
});
