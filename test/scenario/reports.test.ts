import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createOpenProduct } from '../../src/app/product.ts';
import { runInProcess } from '../support/cli-run.ts';
import type { CliResult } from '../support/cli-run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { gzip, mailWith, recordXml, reportXml, tlsJson, zip } from '../support/report-samples.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

type Desk = {
  readonly file: (name: string, bytes: Uint8Array | string) => string;
  readonly run: (...argv: readonly string[]) => Promise<CliResult>;
  readonly hasData: () => boolean;
};

function desk(): Desk {
  const folder = temporaryFolder();
  const config = join(folder, 'todoku.yaml');
  writeFileSync(config, 'sources: [{ip: 192.0.2.10, hostname: mail.example.jp}]\n');
  const data = join(folder, 'data');
  const clock = new FakeClock(Date.UTC(2026, 10, 20));
  const openProduct = createOpenProduct({ clock, random: () => 0.5, version: '1.2.3' });
  return {
    file(name, bytes) {
      writeFileSync(join(folder, name), bytes);
      return join(folder, name);
    },
    run: async (...argv) =>
      await runInProcess([...argv, '--config', config, '--data', data], { openProduct, clock }),
    hasData: () => existsSync(data),
  };
}

const lines = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    // What the command printed a moment ago; the assertions look at its fields.
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const day = Date.UTC(2026, 10, 18) / 1_000;
const ours = recordXml({ ip: '192.0.2.10', count: 40, dkim: 'pass', spf: 'pass' });
const forged = recordXml({ ip: '198.51.100.9', count: 2, dkim: 'fail', disposition: 'reject' });
const xml = reportXml([ours, forged], { begin: day, end: day + 86_399, policy: 'reject' });

test('every report is a line of JSON, whatever it came in; nothing is stored', async () => {
  const { file, run, hasData } = desk();
  const { exitCode, stdout, stderr } = await run(
    'report',
    '--json',
    file('a.xml', xml),
    file('b.eml', mailWith(gzip(xml))),
    file('c.zip', zip({ '1.xml': xml, '2.json': tlsJson([]) })),
  );
  expect(exitCode).toBe(0);
  expect(stderr).toBe('');
  expect(lines(stdout).map(({ kind, index }) => [kind, index])).toEqual([
    ['dmarc-aggregate', 0],
    ['dmarc-aggregate', 0],
    ['dmarc-aggregate', 0],
    ['tls', 1],
  ]);
  expect(lines(stdout)[0]).toMatchObject({
    report_metadata: { org_name: 'Reporter', date_range: { begin: day } },
    policy_published: { domain: 'example.jp', p: 'reject' },
    records: [{ row: { source_ip: '192.0.2.10', count: 40 } }, { row: { count: 2 } }],
  });
  expect(hasData()).toBe(false);
});

test('what cannot be read is one clear line and exit code 1; the rest is read', async () => {
  const { file, run } = desk();
  const bad = file('bad.gz', gzip(' '.repeat(40_000_000)));
  const { exitCode, stdout, stderr } = await run(
    'report',
    '--json',
    '--lang',
    'en',
    bad,
    file('good.xml', xml),
  );
  expect(exitCode).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([
    expect.stringMatching(/^todoku: .*bad\.gz: refused: it unpacks/),
  ]);
  expect(lines(stdout)).toMatchObject([{ file: bad, error: { code: 'bomb' } }, { kind: 'dmarc-aggregate' }]);
  const japanese = await run('report', '--lang', 'ja', bad);
  expect(japanese.stderr).toContain('圧縮爆弾');
});

test('a name that is no file is a slip: exit code 2, and nothing is read', async () => {
  const { file, run } = desk();
  const missing = await run('report', file('good.xml', xml), 'no-such.xml');
  expect(missing).toMatchObject({ exitCode: 2, stdout: '' });
  expect(missing.stderr).toContain('no-such.xml');
  expect(missing.stderr.trim().split('\n')).toHaveLength(1);
  const folder = file('x', '').replace(/x$/, 'folder');
  mkdirSync(folder);
  expect(await run('report', folder)).toMatchObject({ exitCode: 2, stdout: '' });
  expect(await run('report')).toMatchObject({ exitCode: 2 });
});

test('what a stranger wrote cannot command the terminal', async () => {
  const { file, run } = desk();
  const { stdout } = await run('report', file('a.xml', xml.replace('Reporter', 'Re&#27;[2J&#7;porter')));
  expect(stdout).toContain('Re');
  // oxlint-disable-next-line no-control-regex -- what must not be there
  expect(stdout).not.toMatch(/[\u0007\u001b]/);
});

test('kept once, then listed and summed up', async () => {
  const { file, run } = desk();
  const tls = tlsJson([
    {
      policy: { 'policy-type': 'sts', 'policy-domain': 'example.jp' },
      summary: { 'total-successful-session-count': 9, 'total-failure-session-count': 1 },
      'failure-details': [{ 'result-type': 'starttls-not-supported', 'failed-session-count': 1 }],
    },
  ]);
  const kept = await run(
    'report',
    '--store',
    '--lang',
    'en',
    file('a.xml', xml),
    file('a.eml', mailWith(gzip(xml))),
    file('t.json', tls),
  );
  expect(kept.exitCode).toBe(0);
  expect(kept.stderr).toMatch(
    /a\.xml: kept 1, known already 0\n.*a\.eml: kept 0, known already 1\n.*t\.json: kept 1/,
  );

  const list = lines((await run('report', 'list', '--json')).stdout);
  expect(list).toMatchObject([
    { kind: 'dmarc-aggregate', org: 'reporter', messages: 42 },
    { kind: 'tls', messages: 10 },
  ]);

  const summary = await run('dmarc', 'summary', 'example.jp', '--json');
  expect(summary.exitCode).toBe(0);
  expect(JSON.parse(summary.stdout)).toMatchObject({
    messages: 42,
    passed: 40,
    sources: [
      { source: 'ours', kind: 'ours', trouble: false },
      { source: '198.51.100.0/24', kind: 'forger', dispositions: { reject: 2 } },
    ],
  });
  expect((await run('dmarc', 'summary', 'example.jp', '--lang', 'ja')).stdout).toContain('偽装');
  expect((await run('tls', 'summary', 'example.jp', '--lang', 'en')).stdout).toContain(
    'does not offer STARTTLS',
  );

  const recent = await run('dmarc', 'summary', 'example.jp', '--since', '12h', '--json');
  expect(recent.exitCode).toBe(1);
  expect(JSON.parse(recent.stdout)).toMatchObject({ reports: 0, messages: 0 });
  expect(await run('dmarc', 'summary', 'example.jp', '--since', 'tomorrow')).toMatchObject({
    exitCode: 2,
    stdout: '',
  });
});
