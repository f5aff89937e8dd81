import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { AddressListAnswer } from '../../src/cli/index.ts';
import { mx, startDnsZone } from '../support/dns-zone.ts';
import type { DnsZone, ZoneAnswer } from '../support/dns-zone.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';

const takesMail = (domain: string): Record<string, ZoneAnswer> => ({
  [`MX ${domain}`]: { answers: [mx(domain, 10, `mx.${domain}`)] },
});

async function world(
  records: Readonly<Record<string, ZoneAnswer>>,
  list: string,
): Promise<{ folder: string; zone: DnsZone }> {
  const folder = temporaryFolder();
  const zone = await startDnsZone(records);
  onTestFinished(() => zone.close());
  const dns = { servers: [zone.server], timeout: '500ms', attempts: 1 };
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify({ dns }));
  writeFileSync(join(folder, 'members.csv'), list);
  return { folder, zone };
}

const everybody = { ...takesMail('gmail.com'), ...takesMail('shop.example'), ...takesMail('docomo.ne.jp') };

test('a list is judged row by row, each domain asked about once, and all of it written down', async () => {
  const rows = Array.from(
    { length: 3_000 },
    (_, row) => `user${row}@${row % 2 === 0 ? 'gmail.com' : 'shop.example'}`,
  );
  const faults = [
    'taro@gmial.com',
    'hanako@docomo.co.jp',
    'jiro@gone.example',
    'ｓａｂｕｒｏ＠gmail.com',
    'shiro@@gmail.com',
    'a..b@docomo.ne.jp',
    'goro@mute.example',
    'user0@gmail.com',
  ];
  const records = { ...everybody, 'MX mute.example': { drop: true } };
  const { folder, zone } = await world(records, ['email', ...rows, ...faults].join('\n'));
  const argv = ['check', 'address', 'members.csv', '--write', 'faults.csv', '--json'];
  const { code, stdout, stderr } = await runTodoku(folder, argv);
  expect([code, stderr]).toEqual([1, '']);
  const answer = JSON.parse(stdout) as AddressListAnswer;
  expect(answer).toMatchObject({
    subject: 'members.csv',
    rows: 3_008,
    addresses: 3_007,
    duplicates: 1,
    unreadable: 0,
    summary: { ok: 3_000, info: 2, warning: 1, problem: 4 },
    counts: {
      'address.good': 3_000,
      'address.mistyped-domain': 3,
      'address.dead-domain': 3,
      'address.full-width': 1,
      'address.syntax': 1,
      'address.old-carrier-form': 1,
      'address.dns-silent': 1,
    },
  });
  expect(answer.findings[0]?.severity).toBe('problem');
  expect(zone.questions.filter((name) => name === 'MX gmail.com')).toHaveLength(1);
  const written = readFileSync(join(folder, 'faults.csv'), 'utf8');
  expect(written).toContain('3002,taro@gmial.com,problem,address.mistyped-domain');
  expect(written).toContain('3005,ｓａｂｕｒｏ＠gmail.com,warning,address.full-width');
  expect(written).not.toContain('user1@');
});

test('without any name server a list of many domains does not wait for each', async () => {
  const rows = Array.from({ length: 5_000 }, (_, row) => `user@d${row}.example`);
  const silent = new Proxy<Record<string, ZoneAnswer>>({}, { get: () => ({ drop: true }) });
  const { folder, zone } = await world(silent, ['email', ...rows].join('\n'));
  const { code, stdout } = await runTodoku(folder, ['check', 'address', 'members.csv', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ addresses: 5_000, counts: { 'address.dns-silent': 5_000 } });
  // Those that fill the resolver, and those that were let in before the first had failed.
  expect(zone.questions.length).toBeLessThan(1_000);
});

test('a missing list and a list among addresses are said in a line', async () => {
  const { folder } = await world(everybody, 'email\ntaro@gmail.com\n');
  expect(await runTodoku(folder, ['check', 'address', 'nowhere.csv'])).toMatchObject({ code: 2 });
  const mixed = await runTodoku(folder, ['check', 'address', 'members.csv', 'taro@gmail.com']);
  expect(mixed.code).toBe(2);
  expect(mixed.stderr).toContain('members.csv is a file');
  const alone = await runTodoku(folder, ['check', 'address', 'taro@gmail.com', '--write', 'x.csv']);
  expect(alone.code).toBe(2);
  const good = await runTodoku(folder, ['check', 'address', 'members.csv']);
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('1 rows (1 addresses');
});
