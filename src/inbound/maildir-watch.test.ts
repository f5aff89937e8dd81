import { mkdirSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { AppError, StorageFull } from '../base/index.ts';
import type { Arrival, Disposition } from './intake.ts';
import { takeSeenMail } from './maildir.ts';
import type { MailboxParts } from './maildir.ts';
import { watchMaildir } from './maildir-watch.ts';

function maildir(): string {
  const folder = temporaryFolder();
  for (const part of ['new', 'cur', 'tmp']) mkdirSync(join(folder, part));
  return folder;
}

/** As delivery agents do it: written in tmp/, then renamed. */
function deliver(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, 'tmp', name), text);
  renameSync(join(folder, 'tmp', name), join(folder, 'new', name));
}

type World = {
  readonly parts: MailboxParts & { readonly onTrouble: (error: unknown) => void };
  readonly taken: string[];
  readonly skipped: string[];
  readonly troubles: unknown[];
  readonly clock: FakeClock;
  /** Resolves at the next mail, trouble or skip. */
  readonly next: () => Promise<void>;
};

function world(take: (mail: string) => Disposition = () => 'news'): World {
  const taken: string[] = [];
  const skipped: string[] = [];
  const troubles: unknown[] = [];
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const resolve of waiting.splice(0)) resolve();
  };
  const clock = new FakeClock();
  const parts = {
    batch: {
      add: async ({ mail }: Arrival): Promise<Disposition> => {
        await Promise.resolve();
        const text = Buffer.from(mail).toString();
        const disposition = take(text);
        taken.push(text);
        return disposition;
      },
      flush: () => {},
    },
    clock,
    signal: new AbortController().signal,
    messageBytes: 1_000,
    onTaken: wake,
    onSkipped: (mail: string) => {
      skipped.push(mail);
      wake();
    },
    onTrouble: (error: unknown) => {
      troubles.push(error);
      wake();
    },
  };
  const next = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));
  return { parts, taken, skipped, troubles, clock, next };
}

it('takes what is there and what comes, and puts it into cur/', async () => {
  const folder = maildir();
  deliver(folder, '1.a.host', 'first');
  const { parts, taken, next } = world((text) => (text === 'letter' ? 'ignored' : 'news'));
  const first = next();
  const watching = await watchMaildir(folder, parts);
  await first;
  const second = next();
  deliver(folder, '2.b.host', 'second');
  await second;
  const third = next();
  deliver(folder, '3.c.host', 'letter');
  await third;
  await watching.stop();
  expect(taken).toEqual(['first', 'second', 'letter']);
  expect(readdirSync(join(folder, 'new'))).toEqual([]);
  expect(readdirSync(join(folder, 'cur')).toSorted()).toEqual([
    '1.a.host:2,S',
    '2.b.host:2,S',
    '3.c.host:2,',
  ]);
});

it('leaves a mail in new/ while the disk is full, and takes it when there is room', async () => {
  const folder = maildir();
  deliver(folder, '1.a.host', 'first');
  let isFull = true;
  const full = new StorageFull('full', { code: 'storage-full', message: { ja: '-', en: '-' } });
  const { parts, taken, troubles, clock, next } = world(() => {
    if (isFull) throw full;
    return 'news';
  });
  const first = next();
  const watching = await watchMaildir(folder, parts);
  onTestFinished(() => watching.stop());
  await first;
  expect(troubles).toEqual([full]);
  expect(readdirSync(join(folder, 'new'))).toEqual(['1.a.host']);
  isFull = false;
  const second = next();
  // The timer is set in the turns after the trouble was told.
  while (clock.nextTimerMs === null) await new Promise((resolve) => setImmediate(resolve));
  await clock.advance(30_000);
  await second;
  expect(taken).toEqual(['first']);
});

it('does not let one mail that cannot be taken hold up those behind it', async () => {
  const folder = maildir();
  deliver(folder, '000.bad', 'bad');
  for (let mail = 100; mail < 200; mail += 1) deliver(folder, `${mail}.fine`, 'fine');
  const fault = new TypeError('a bug');
  const { parts, taken, troubles, next } = world((text) => {
    if (text === 'bad') throw fault;
    return 'news';
  });
  const watching = await watchMaildir(folder, parts);
  while (troubles.length === 0) await next();
  await watching.stop();
  expect(taken).toHaveLength(100);
  // Once for each look: moving the others away is a reason to look again.
  expect(new Set(troubles)).toEqual(new Set([fault]));
  expect(readdirSync(join(folder, 'new'))).toEqual(['000.bad']);
});

it('stops after the mails in hand, however many lie there', async () => {
  const folder = maildir();
  for (let mail = 1_000; mail < 2_000; mail += 1) deliver(folder, `${mail}.a`, 'x');
  const { parts, taken, next } = world();
  const watching = await watchMaildir(folder, parts);
  await next();
  await watching.stop();
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThanOrEqual(128);
  expect(readdirSync(join(folder, 'new'))).toHaveLength(1_000 - taken.length);
});

it('passes over what is no mail of a sensible size, and goes on', async () => {
  const folder = maildir();
  deliver(folder, '1.large', 'x'.repeat(1_001));
  symlinkSync('/dev/zero', join(folder, 'new', '2.link'));
  deliver(folder, '3.c', 'fine');
  const { parts, taken, skipped, next } = world();
  const watching = await watchMaildir(folder, parts);
  while (taken.length + skipped.length < 3) await next();
  await watching.stop();
  expect(taken).toEqual(['fine']);
  expect(skipped.map((file) => file.slice(-6)).toSorted()).toEqual(['.large', '2.link']);
});

it('reads cur/ and leaves it as it is', async () => {
  const folder = maildir();
  writeFileSync(join(folder, 'cur', '1.a:2,RS'), 'old');
  const { parts, taken } = world();
  await takeSeenMail(folder, parts);
  expect(taken).toEqual(['old']);
  expect(readdirSync(join(folder, 'cur'))).toEqual(['1.a:2,RS']);
});

it('says that a folder is no Maildir', async () => {
  const { parts } = world();
  await expect(watchMaildir(temporaryFolder(), parts)).rejects.toThrow(AppError);
  await expect(watchMaildir('/nowhere', parts)).rejects.toThrow(/no Maildir/);
});
