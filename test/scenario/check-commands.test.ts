import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { createOpenProduct } from '../../src/app/product.ts';
import { systemClock } from '../../src/base/index.ts';
import { commands } from '../../src/cli/commands/index.ts';
import { runInProcess } from '../support/cli-run.ts';
import { dbxFile, mailText, mboxOf } from '../support/mail-stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { runTodoku } from '../support/todoku-run.ts';

// What programs that call `todoku check … --json` rely on, for every such command that there is.

// Two that answer something else: an address to send to, and what was found at it.
const others = new Set(['check inbox', 'check result']);
const checks = commands.filter(({ name }) => name.startsWith('check ') && !others.has(name));

const advice = z.object({ title: z.string().min(1), meaning: z.string().min(1), steps: z.array(z.string()) });

/** What stays as it is; more may be added. */
const answerForm = z.object({
  subject: z.string(),
  findings: z.array(
    z.object({
      id: z.string().regex(/^[a-z]+\.[a-z0-9-]+$/),
      subject: z.string(),
      severity: z.enum(['ok', 'info', 'warning', 'problem']),
      party: z.string().min(1),
      certainty: z.enum(['proved', 'likely', 'unknowable']),
      evidence: z.string(),
      advice: z.object({ ja: advice, en: advice }),
    }),
  ),
  summary: z.object({ ok: z.int(), info: z.int(), warning: z.int(), problem: z.int() }),
});

type Asked = { readonly argv: readonly string[]; readonly exitCode: 0 | 1 };

/** How each is asked in the test, in a world without any DNS; a new command must be added here. */
const asked: Readonly<Record<string, readonly Asked[]>> = {
  'check address': [
    { argv: ['taro@@example.jp'], exitCode: 1 },
    { argv: ['taro@example.jp'], exitCode: 0 },
  ],
  'check blocklists': [{ argv: ['192.168.0.1'], exitCode: 0 }],
  'check domain': [{ argv: ['example.jp'], exitCode: 0 }],
  'check mailbox': [
    { argv: ['--store', 'Inbox'], exitCode: 0 },
    { argv: ['--store', 'broken.dbx', '--store', 'Inbox'], exitCode: 1 },
    { argv: ['--store', 'gone'], exitCode: 1 },
  ],
  'check message': [{ argv: ['mail.eml'], exitCode: 1 }],
};

const wrong: readonly (readonly [string, readonly string[]])[] = [
  ['check address without an address', ['check', 'address']],
  ['check blocklists of a word', ['check', 'blocklists', 'no domain']],
  ['check domain of a word', ['check', 'domain', 'no domain']],
  ['check mailbox of nothing', ['check', 'mailbox']],
  ['check mailbox of no address', ['check', 'mailbox', 'taro']],
  ['check of nothing', ['check']],
  ['check of what there is not', ['check', 'weather']],
  ['an option that there is not', ['check', 'address', 'a@b.jp', '--fast']],
  ['an archive without a year', ['mailbox', 'archive', 'Inbox', '--to', 'a']],
  ['an archive of a year that is none', ['mailbox', 'archive', 'Inbox', '--to', 'a', '--before', '24']],
  ['an archive of nothing', ['mailbox', 'archive', '--to', 'a', '--before', '2024']],
  [
    'an archive of two things',
    ['mailbox', 'archive', 'Inbox', '--imap', 'imaps://a@b/c', '--to', 'a', '--before', '2024'],
  ],
  [
    'an archive of a password in the open',
    ['mailbox', 'archive', '--imap', 'imaps://a:secret@b/c', '--to', 'a', '--before', '2024'],
  ],
  [
    'an archive of another scheme',
    ['mailbox', 'archive', '--imap', 'https://a@b/c', '--to', 'a', '--before', '2024'],
  ],
  ['an archive of what is no store', ['mailbox', 'archive', 'package.json', '--to', 'a', '--before', '2024']],
];

/** Mails and stores, and a DNS server that answers every question with SERVFAIL. */
async function world(): Promise<string> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'Inbox'), mboxOf([{ year: 2023 }, { year: 2024 }]));
  writeFileSync(join(folder, 'broken.dbx'), dbxFile().subarray(0, 9_000));
  writeFileSync(join(folder, 'mail.eml'), mailText(1, 2024));
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    const answer = Buffer.from(question);
    // RFC 1035 §4.1.1: QR, and RCODE 2.
    answer.writeUInt16BE(0x8182, 2);
    server.send(answer, from.port, from.address);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  writeFileSync(join(folder, 'todoku.yaml'), `dns:\n  servers: ["127.0.0.1:${server.address().port}"]\n`);
  return folder;
}

test('every check is asked below', () => {
  expect(checks.map(({ name }) => name).toSorted()).toEqual(
    checks
      .map(({ name }) => name)
      .filter((name) => asked[name] !== undefined)
      .toSorted(),
  );
  expect(checks.length).toBeGreaterThan(2);
});

describe.each(checks)('$name', ({ name, summary, arguments: given = [], options = [] }) => {
  test.each(['ja', 'en'] as const)('--help in %s', async (language) => {
    const { exitCode, stdout, stderr } = await runInProcess([
      ...name.split(' '),
      '--help',
      '--lang',
      language,
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const flat = (text: string): string => text.replaceAll(/\s+/g, '');
    for (const text of [summary, ...given.map(({ doc }) => doc), ...options.map(({ doc }) => doc)])
      expect(flat(stdout)).toContain(flat(text[language]));
  });

  test.each(asked[name] ?? [])('--json: $argv', async ({ argv, exitCode }) => {
    const end = await runTodoku(await world(), [...name.split(' '), ...argv, '--json']);
    expect({ code: end.code, lines: end.stdout.split('\n').length }).toEqual({ code: exitCode, lines: 2 });
    const { findings, summary: counts } = answerForm.parse(JSON.parse(end.stdout));
    expect(findings.length).toBeGreaterThan(0);
    const count = (severity: string): number =>
      findings.filter((finding) => finding.severity === severity).length;
    expect(counts).toEqual({
      ok: count('ok'),
      info: count('info'),
      warning: count('warning'),
      problem: count('problem'),
    });
    expect(end.code).toBe(count('problem') > 0 ? 1 : 0);
  });
});

test.each(wrong)(
  'wrong input, %s: exit 2, one clear line in each language, nothing on standard output',
  async (_what, argv) => {
    const folder = await world();
    const openProduct = createOpenProduct({ clock: systemClock, random: () => 0.5, version: '0' });
    for (const language of ['ja', 'en']) {
      const more = ['--config', join(folder, 'todoku.yaml'), '--lang', language];
      const end = await runInProcess([...argv, ...more], { openProduct });
      expect({ exitCode: end.exitCode, stdout: end.stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(end.stderr).not.toMatch(/^\s+at /m);
      expect(end.stderr).not.toContain('secret');
      expect(end.stderr.trim()).not.toBe('');
    }
  },
);
