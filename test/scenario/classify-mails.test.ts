import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { createOpenProduct } from '../../src/app/product.ts';
import { runInProcess, type CliResult } from '../support/cli-run.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// `todoku classify FILE…`: what scripts and people get for mails that came back.

const bounce = [
  'Return-Path: <>',
  'From: MAILER-DAEMON@mx.example',
  'Subject: failure notice',
  '',
  'Hi. This is the qmail-send program at mx.example.',
  "I'm afraid I wasn't able to deliver your message to the following addresses.",
  '',
  '<ann@rcpt.example>:',
  '192.0.2.1 does not like recipient.',
  'Remote host said: 550 5.1.1 User unknown',
  '',
  '<bob@rcpt.example>:',
  'Remote host said: 552 5.2.2 Mailbox full',
  '',
].join('\n');
const letter = 'From: carl@other.example\nSubject: Hello\n\nHow are you?\n';

function desk(): {
  readonly folder: string;
  readonly run: (argv: readonly string[], stdin?: string) => Promise<CliResult>;
} {
  const folder = temporaryFolder();
  const config = join(folder, 'todoku.yaml');
  writeFileSync(config, 'sources: [{ip: 192.0.2.10, hostname: mail.example.jp}]\n');
  const clock = new FakeClock();
  const openProduct = createOpenProduct({ clock, random: () => 0.5, version: '1.2.3' });
  return {
    folder,
    run: async (argv, stdin = '') =>
      await runInProcess(['classify', ...argv, '--config', config, '--data', join(folder, 'data')], {
        openProduct,
        clock,
        stdin: Readable.from([Buffer.from(stdin)]),
      }),
  };
}

function jsonLines(text: string): readonly unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
}

test('a line of JSON for each recipient, and one without a verdict for an ordinary mail', async () => {
  const { folder, run } = desk();
  const [file, other] = [join(folder, 'bounce.eml'), join(folder, 'letter.eml')];
  writeFileSync(file, bounce);
  writeFileSync(other, letter);
  const { exitCode, stdout } = await run(['--json', file, other]);
  expect(exitCode).toBe(0);
  expect(stdout.split('\n')[0]).toMatch(/"advice":\{"ja":\{"title":".+"en":\{"title":"/);
  expect(jsonLines(stdout)).toMatchObject([
    {
      file,
      mail: 1,
      index: 1,
      recipient: 'ann@rcpt.example',
      action: 'failed',
      replyCode: '550',
      status: '5.1.1',
      verdict: 'userunknown',
      hardBounce: true,
      feedbackType: null,
    },
    {
      file,
      mail: 1,
      index: 2,
      recipient: 'bob@rcpt.example',
      replyCode: '552',
      verdict: 'mailboxfull',
      hardBounce: false,
    },
    { file: other, mail: 1, index: 1, recipient: null, verdict: null, rule: null, advice: null },
  ]);
});

test('an mbox, a Maildir and standard input', async () => {
  const { folder, run } = desk();
  const mbox = join(folder, 'mbox');
  const separator = 'From MAILER-DAEMON Wed Oct 31 15:53:24 2018\n';
  writeFileSync(mbox, `${separator}${letter}\n${separator}${bounce}`);
  for (const name of ['cur', 'new', 'tmp']) mkdirSync(join(folder, 'Maildir', name), { recursive: true });
  writeFileSync(join(folder, 'Maildir/new/1.host'), bounce);
  writeFileSync(join(folder, 'Maildir/cur/2.host:2,S'), letter);
  writeFileSync(join(folder, 'Maildir/tmp/3.host'), bounce);
  const read = async (name: string): Promise<readonly unknown[]> =>
    jsonLines((await run(['--json', name], `${separator}${bounce}`)).stdout);
  expect(await read(mbox)).toMatchObject([
    { file: mbox, mail: 1, verdict: null },
    { file: mbox, mail: 2, index: 1, verdict: 'userunknown' },
    { file: mbox, mail: 2, index: 2, verdict: 'mailboxfull' },
  ]);
  expect(await read(join(folder, 'Maildir'))).toMatchObject([
    { file: join(folder, 'Maildir/new/1.host'), index: 1 },
    { file: join(folder, 'Maildir/new/1.host'), index: 2 },
    { file: join(folder, 'Maildir/cur/2.host:2,S'), verdict: null },
  ]);
  expect(await read('-')).toMatchObject([
    { file: '-', index: 1 },
    { file: '-', index: 2 },
  ]);
});

test('people read it in their language, with the counts', async () => {
  const { folder, run } = desk();
  writeFileSync(join(folder, 'a.eml'), bounce);
  const english = await run([join(folder, 'a.eml'), '--lang', 'en']);
  expect(english.stdout).toContain('ann@rcpt.example: not delivered (hard bounce) 550 5.1.1');
  expect(english.stdout).toContain('whose turn:');
  expect(english.stderr).toMatch(/1 {2}mailboxfull/);
  expect((await run([join(folder, 'a.eml'), '--lang', 'ja'])).stdout).toContain(
    'ann@rcpt.example: 不達（ハードバウンス）',
  );
});

test.each([[['missing.eml']], [[]], [['--reply', '550 no', 'a.eml']]])(
  'a mistake is one line and exit code 2: %j',
  async (argv) => {
    const { run } = desk();
    const { exitCode, stdout, stderr } = await run(argv);
    expect([exitCode, stdout]).toEqual([2, '']);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  },
);
