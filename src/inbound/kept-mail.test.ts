import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { createKeptMail } from './kept-mail.ts';
import type { KeptMailOptions } from './kept-mail.ts';

const clock = new FakeClock();

function keeping(change: Partial<KeptMailOptions> = {}): KeptMailOptions & { readonly fulls: () => number } {
  let count = 0;
  const folder = join(temporaryFolder(), 'kept');
  const onFull = (): void => void (count += 1);
  return { folder, mostMails: 3, mostBytes: 100, clock, onFull, fulls: () => count, ...change };
}

it('keeps mail in a Maildir, the same once, also after a restart and when it was read', () => {
  const options = keeping();
  const mail = Buffer.from('Subject: x\r\n\r\ny\r\n');
  expect(createKeptMail(options).keep(mail, 'd1')).toBe(true);
  expect(readFileSync(join(options.folder, 'new', 'd1.todoku'))).toEqual(mail);
  expect(readdirSync(join(options.folder, 'tmp'))).toEqual([]);
  expect(createKeptMail(options).keep(mail, 'd1')).toBe(true);
  renameSync(join(options.folder, 'new', 'd1.todoku'), join(options.folder, 'cur', 'd1.todoku:2,S'));
  expect(createKeptMail(options).keep(mail, 'd1')).toBe(true);
  expect(readdirSync(join(options.folder, 'new'))).toEqual([]);
  expect(options.fulls()).toBe(0);
});

it('keeps no more than its bounds, until somebody has cleared up', async () => {
  const options = keeping();
  const kept = createKeptMail(options);
  for (const digest of ['a', 'b', 'c']) expect(kept.keep(Buffer.from('x'), digest)).toBe(true);
  expect(kept.keep(Buffer.from('x'), 'd')).toBe(false);
  expect(options.fulls()).toBe(1);
  rmSync(join(options.folder, 'new', 'a.todoku'));
  expect(kept.keep(Buffer.from('x'), 'd')).toBe(false);
  await clock.advance(61_000);
  expect(kept.keep(Buffer.alloc(99), 'd')).toBe(false);
  expect(kept.keep(Buffer.alloc(98), 'd')).toBe(true);
});
