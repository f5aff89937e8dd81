import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { askRspamd, askSpamd } from '../../src/net/spam-filter/index.ts';
import { requirePeer } from '../support/peer.ts';

const isThere = ['rspamd', 'spamd'].map((peer) => requirePeer(peer)).every(Boolean);
// They give up root for a user of their own, which only root can.
const isRoot = userInfo().uid === 0;
if (!isRoot) console.warn('SKIPPED, rspamd and spamd need root to take on their own user');

const mail = (text: string): Buffer =>
  Buffer.from(
    [
      'From: Hanako <hanako@shop.example>',
      'To: Taro <taro@rcpt.example>',
      'Subject: The papers you asked for',
      `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
      'Message-ID: <1.2@shop.example>',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=us-ascii',
      '',
      text,
      '',
    ].join('\r\n'),
  );
const letter = mail('Hello Taro, here are the papers that you asked me for yesterday. Kind regards, Hanako');
// What every filter takes for spam, for tests: https://spamassassin.apache.org/gtube/
const gtube = mail('XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X');
const signal = new AbortController().signal;
const envelope = { ip: '192.0.2.7', helo: 'out.shop.example', sender: 'hanako@shop.example' };

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('no port');
  return bound.port;
}

describe.skipIf(!isThere || !isRoot)('real filters', () => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-filters-'));
  const running: ChildProcess[] = [];
  const run = (command: string, argv: readonly string[]): void => {
    running.push(spawn(command, argv, { stdio: 'ignore' }));
  };
  let rspamd: { readonly host: string; readonly port: number };
  let spamd: typeof rspamd;

  beforeAll(async () => {
    const host = '127.0.0.1';
    rspamd = { host, port: await freePort() };
    spamd = { host, port: await freePort() };
    chmodSync(folder, 0o755);
    for (const part of ['run', 'db']) mkdirSync(join(folder, part));
    const file = join(folder, 'rspamd.conf');
    // Its block lists are asked at a port where nobody listens: nothing leaves this machine.
    writeFileSync(
      file,
      [
        '.include "$CONFDIR/common.conf"',
        `options { pidfile = "${folder}/run/pid"; control_socket = "${folder}/run/control mode=0600"; history_file = "";`,
        '  filters = "chartable,dkim,regexp"; dns { timeout = 0.1s; retransmits = 1; nameserver = "127.0.0.1:9"; } }',
        'logging { type = "console"; level = "error"; }',
        `worker "normal" { bind_socket = "${host}:${rspamd.port}"; count = 1; }`,
      ].join('\n'),
    );
    execFileSync('chown', ['-R', '_rspamd', folder]);
    const variables = ['DBDIR=db', 'RUNDIR=run', 'LOGDIR=run'].map(
      (each) => `--var=${each.replace('=', `=${folder}/`)}`,
    );
    run('/usr/bin/rspamd', ['-c', file, '-f', '-u', '_rspamd', '-g', '_rspamd', ...variables]);
    run('/usr/sbin/spamd', [
      '-L',
      '-x',
      '-m',
      '1',
      '-u',
      'nobody',
      '-i',
      host,
      '-p',
      String(spamd.port),
      '-s',
      'null',
    ]);
    // Both compile their rules first: some 10 s of CPU, longer beside others.
    const isUp = async (): Promise<void> => {
      const words = [
        await askRspamd(rspamd, { mail: letter, envelope, signal }),
        await askSpamd(spamd, { mail: letter, signal }),
      ];
      expect(words.map(({ kind }) => kind)).toEqual(['judged', 'judged']);
    };
    await vi.waitFor(isUp, { timeout: 120_000, interval: 500 });
  }, 180_000);

  afterAll(async () => {
    const ends = running.filter(({ exitCode }) => exitCode === null).map((child) => once(child, 'close'));
    for (const child of running) child.kill('SIGTERM');
    await Promise.all(ends);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it('let a letter pass', async () => {
    // Without its client: whose name cannot be looked up here, which rspamd counts.
    expect(await askRspamd(rspamd, { mail: letter, envelope: null, signal })).toMatchObject({
      kind: 'judged',
      isSpam: false,
    });
    const word = await askSpamd(spamd, { mail: letter, signal });
    expect(word).toMatchObject({ kind: 'judged', isSpam: false, threshold: 5 });
  });

  it('take GTUBE for spam, and name the rule', async () => {
    expect(await askRspamd(rspamd, { mail: gtube, envelope: null, signal })).toMatchObject({
      kind: 'judged',
      isSpam: true,
    });
    const word = await askSpamd(spamd, { mail: gtube, signal });
    expect(word).toMatchObject({ kind: 'judged', isSpam: true });
    expect(
      word.kind === 'judged' ? word.rules.find(({ name }) => name === 'GTUBE')?.score : null,
    ).toBeGreaterThan(900);
  });

  it('are told apart from whoever else listens there', async () => {
    expect(await askRspamd(spamd, { mail: letter, envelope: null, signal })).toMatchObject({
      kind: 'failed',
    });
    expect(await askSpamd(rspamd, { mail: letter, signal })).toMatchObject({ kind: 'failed' });
  });
});

it('a filter that is down is a failure with its cause', async () => {
  const place = { host: '127.0.0.1', port: await freePort() };
  expect(await askRspamd(place, { mail: letter, envelope, signal })).toEqual({
    kind: 'failed',
    cause: 'ECONNREFUSED',
  });
  expect(await askSpamd(place, { mail: letter, signal })).toEqual({ kind: 'failed', cause: 'ECONNREFUSED' });
});
