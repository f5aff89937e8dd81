import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startSimulation } from '../../../src/app/simulation.ts';
import { expectOneLine, expectRefused, workshop } from '../../support/refusal.ts';
import type { RefusalTexts } from '../../support/refusal.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Mistake = { readonly argv: readonly string[]; readonly says: RefusalTexts };

const noData = {
  ja: /store に Todoku のデータがありません — --data で.*`todoku send`/,
  en: /there is no Todoku data in \S+store — name the folder with --data, or run `todoku send` first/,
};

const mistakes: readonly Mistake[] = [
  {
    argv: ['frobnicate'],
    says: { ja: /frobnicate というコマンドはありません — /, en: /unknown command frobnicate — / },
  },
  { argv: ['sned'], says: { ja: /— todoku send のことですか/, en: /did you mean todoku send\?/ } },
  {
    argv: ['send', '--form', 'a'],
    says: { ja: /--form というオプションはありません — --from/, en: /unknown option --form — .*--from/ },
  },
  { argv: ['send'], says: { ja: /--from <mailbox> を指定してください/, en: /--from <mailbox> is missing/ } },
  {
    argv: ['send', '--from'],
    says: { ja: /--from <mailbox> の値がありません/, en: /--from <mailbox> needs a value/ },
  },
  { argv: ['why'], says: { ja: /を指定してください/, en: /is missing — see todoku why --help/ } },
  { argv: ['why', 'a', 'b'], says: { ja: /余分な引数があります: b/, en: /one argument too many: b/ } },
  { argv: ['ledger'], says: noData },
  { argv: ['resume'], says: noData },
  { argv: ['why', 'nonsense'], says: noData },
  { argv: ['cancel', 'nonsense'], says: noData },
  { argv: ['suppression', 'list'], says: noData },
  { argv: ['suppression', 'remove', 'a@example.jp', '--because', 'x'], says: noData },
  { argv: ['suppression', 'export', '/nowhere/list.csv'], says: noData },
  {
    argv: ['suppression', 'import', '/nowhere/list.csv'],
    says: { ja: /list\.csv を読めません/, en: /cannot read \/nowhere\/list\.csv: no such file/ },
  },
  { argv: ['suppression', 'add', 'foo'], says: { ja: /foo: /, en: /foo: there is no "@"/ } },
  {
    argv: ['suppression', 'add', 'a@example.jp', '--reason', 'tired'],
    says: { ja: /使える値: unsubscribed/, en: /it takes unsubscribed/ },
  },
  {
    argv: ['classify', '--reply', ''],
    says: { ja: /「」は SMTP の返答ではありません — /, en: /“” is not an SMTP reply — / },
  },
  {
    argv: ['classify', '--reply', '550 no', '--stage', 'dta'],
    says: { ja: /--stage に dta は.* — data のこと/, en: /did you mean data\?/ },
  },
  {
    argv: ['simulate', '--port', '70000'],
    says: { ja: /--port は 0〜65535 で/, en: /--port must be 0–65535, not 70000/ },
  },
  {
    argv: ['simulate', '--dns-port', '-1'],
    says: { ja: /--dns-port は 0〜65535 で/, en: /--dns-port must be 0–65535/ },
  },
  {
    argv: ['simulate', '--time-scale', '0'],
    says: { ja: /--time-scale は 1〜86400 で/, en: /--time-scale must be 1–86400/ },
  },
  {
    argv: ['simulate', '--port', 'smtp'],
    says: { ja: /--port には整数を/, en: /--port must be a whole number/ },
  },
  { argv: ['demo', '--count', '0'], says: { ja: /--count は 1〜1000000/, en: /--count must be 1–1000000/ } },
  {
    argv: ['demo', '--folder', '/dev/null'],
    says: { ja: /\/dev\/null: .*があります — /, en: /\/dev\/null: .* in the way — / },
  },
];

test.each(mistakes)('todoku $argv', async ({ argv, says }) => {
  const shop = await workshop();
  await expectRefused(shop, argv, says);
});

test('a language that there is not', async () => {
  const shop = await workshop();
  expectOneLine(await shop.run(['ledger', '--lang', 'fr']), /--lang (does not take|に) ?fr/);
});

test('a nonsense question about an existing folder is answered with 1 and one line', async () => {
  const shop = await workshop();
  expect(await shop.run([...shop.send(), '--no-wait'])).toMatchObject({ exitCode: 0 });
  for (const question of [
    'nonsense',
    '',
    '<x@y>',
    "'; DROP TABLE message; --",
    '\u0000',
    'あ'.repeat(5_000),
  ]) {
    const answer = await shop.run(['why', question, '--lang', 'en']);
    expect(answer).toMatchObject({ exitCode: 1, stdout: '' });
    expect(answer.stderr).toMatch(/^todoku: no mail to [^\n]* is on record: [^\n]+\n$/);
    expect(answer.stderr.length).toBeLessThan(400);
    expect(answer.stderr).not.toContain('\u0000');
  }
});

test('a port in use stops the simulator in one line, and its temporary folder goes', async () => {
  const shop = await workshop();
  const plan = { seed: 'todoku', folder: shop.folder, port: 0, dnsPort: 0, timeScale: 1 };
  const running = await startSimulation(plan);
  onTestFinished(() => running.stop());
  const ports = [
    ['--port', running.smtpPort],
    ['--dns-port', Number(running.dnsServer.split(':').at(-1))],
  ] as const;
  const before = simulatorFolders();
  for (const [option, port] of ports) {
    await expectRefused(shop, ['simulate', option, String(port)], {
      ja: new RegExp(`ポート ${port} は使用中です — `),
      en: new RegExp(`port ${port} is in use — `),
    });
  }
  expect(simulatorFolders()).toEqual(before);
});

function simulatorFolders(): readonly string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('todoku-simulator-'));
}

const bin = join(import.meta.dirname, '../../../bin/todoku.js');

test('a reader that goes away ends a long list quietly', async () => {
  const folder = temporaryFolder();
  const rows = Array.from({ length: 30_000 }, (_, row) => `user${row}@example.jp`).join('\n');
  execFileSync('sh', ['-c', 'cat > list.csv'], { cwd: folder, input: `email\n${rows}\n` });
  execFileSync(process.execPath, [bin, 'suppression', 'import', 'list.csv', '--json'], { cwd: folder });
  const script = '{ "$0" "$1" suppression list; echo "code $?" >&2; } | head -n 1';
  const piped = spawn('sh', ['-c', script, process.execPath, bin], { cwd: folder });
  let [stdout, stderr] = ['', ''];
  piped.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  piped.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await once(piped, 'close');
  expect(stderr).toBe('code 0\n');
  expect(stdout).toMatch(/^user\d+@example\.jp\timported\t\S+\n$/);
});
