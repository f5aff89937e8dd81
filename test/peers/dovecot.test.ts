import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import { openImap, watchImap } from '../../src/inbound/index.ts';
import type { Arrival, Disposition, ImapAccess } from '../../src/inbound/index.ts';
import { startDovecot } from '../support/dovecot.ts';
import type { Dovecot } from '../support/dovecot.ts';
import { requirePeer } from '../support/peer.ts';

const isMissing = !requirePeer('dovecot');

const bounce = (n: number): string => `From: <>\r\nSubject: bounce ${n}\r\n\r\n${'x'.repeat(500)}\r\n`;
const letter = 'From: <taro@example.jp>\r\nSubject: letter\r\n\r\nHello\r\n';

describe.skipIf(isMissing)('Dovecot', () => {
  let dovecot: Dovecot;
  const taken: Arrival[] = [];
  const skipped: string[] = [];
  const troubles: unknown[] = [];
  let wake: () => void = () => {};

  beforeEach(async () => {
    for (const list of [taken, skipped, troubles]) list.length = 0;
    dovecot = await startDovecot();
    // root delivers, nobody reads.
    if (process.getuid?.() === 0) execFileSync('chmod', ['-R', '777', mailFolder()]);
  });
  afterEach(() => dovecot.stop());

  const mailFolder = (): string => dovecot.folder;

  const parts = {
    batch: {
      add: async (arrival: Arrival): Promise<Disposition> => {
        await Promise.resolve();
        taken.push(arrival);
        return Buffer.from(arrival.mail).includes('Subject: letter') ? 'ignored' : 'news';
      },
      flush: () => {},
    },
    clock: systemClock,
    messageBytes: 10_000,
    signal: new AbortController().signal,
    onTaken: () => wake(),
    onSkipped: (mail: string) => void skipped.push(mail),
    onTrouble(error: unknown) {
      troubles.push(error);
      wake();
    },
  };

  const access = (change: Partial<ImapAccess> = {}): ImapAccess => ({
    host: 'localhost',
    port: dovecot.tlsPort,
    tls: 'implicit',
    user: dovecot.user,
    password: dovecot.password,
    folder: 'INBOX',
    doneFolder: 'Todoku',
    authorities: [dovecot.certificate.cert],
    ...change,
  });

  /** Resolves when `done` holds, looked at after each mail and trouble. */
  const until = async (done: () => boolean): Promise<void> => {
    while (!done()) await new Promise<void>((resolve) => (wake = resolve));
  };

  it.each(['implicit', 'starttls', 'none'] as const)(
    'takes mail with TLS %s, and moves what it took',
    async (tls) => {
      for (let n = 0; n < 70; n += 1) dovecot.deliver(`${n}.host`, bounce(n));
      dovecot.deliver('letter.host', letter);
      dovecot.deliver('large.host', `Subject: large\r\n\r\n${'y'.repeat(20_000)}`);
      const session = await openImap(
        access({ tls, port: tls === 'implicit' ? dovecot.tlsPort : dovecot.port }),
        parts,
      );
      await session.takeAll();
      expect(taken).toHaveLength(71);
      expect(taken.every(({ via, recipients }) => via === 'imap' && recipients === null)).toBe(true);
      expect(Buffer.from(taken.find(({ mail }) => mail.includes(0x78))?.mail ?? []).toString()).toMatch(
        /^From: <>\r\n/,
      );
      expect(skipped).toEqual([expect.stringMatching(/^bounces@localhost\/INBOX UID \d+$/)]);
      expect(dovecot.files('Todoku')).toHaveLength(70);
      expect(dovecot.files('INBOX')).toHaveLength(2);
      // What was left is read once.
      await session.takeAll();
      await session.close();
      const again = await openImap(access(), parts);
      await again.takeAll();
      await again.close();
      expect(taken).toHaveLength(71);
    },
  );

  const has = (n: number): boolean =>
    taken.some(({ mail }) => Buffer.from(mail).includes(`Subject: bounce ${n}\r`));

  it('hears of new mail at once, and connects again when the server was away', async () => {
    const watching = watchImap(access(), parts);
    dovecot.deliver('1.host', bounce(1));
    await until(() => has(1));
    dovecot.deliver('2.host', bounce(2));
    await until(() => has(2));
    // In the middle of moving it, or after: a mail that is taken twice is one.
    dovecot.kick();
    dovecot.deliver('3.host', bounce(3));
    await until(() => has(3));
    await watching.stop();
    expect(dovecot.files('INBOX')).toEqual([]);
  });

  it('says in one line what is wrong: password, address, certificate, folder', async () => {
    const refusal = async (change: Partial<ImapAccess>): Promise<unknown> =>
      await openImap(access(change), parts).then(
        () => 'no refusal',
        (error: unknown) => error,
      );
    expect(await refusal({ password: 'wrong' })).toMatchObject({ code: 'imap-login-refused' });
    expect(await refusal({ port: 1 })).toMatchObject({ code: 'imap-unreachable' });
    expect(await refusal({ host: 'nowhere.invalid' })).toMatchObject({ code: 'imap-unreachable' });
    expect(await refusal({ authorities: null })).toMatchObject({ code: 'imap-tls-untrusted' });
    expect(await refusal({ folder: 'Nowhere' })).toMatchObject({ code: 'imap-folder-missing' });
  });

  it('tells a lasting trouble once', async () => {
    const watching = watchImap(access({ password: 'wrong' }), parts);
    await until(() => troubles.length === 1);
    await watching.stop();
    expect(troubles).toMatchObject([{ code: 'imap-login-refused' }]);
  });
});
