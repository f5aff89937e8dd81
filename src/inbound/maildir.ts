import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError, StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { IntakeBatch } from './batch.ts';
import type { Disposition } from './intake.ts';

/** What a mailbox is read with, whatever kind it is. */
export type MailboxParts = {
  readonly batch: IntakeBatch;
  readonly clock: Clock;
  readonly messageBytes: number;
  readonly onTaken: (disposition: Disposition) => void;
  /** Aborted: ends after the mails in hand; a mailbox can hold a million. */
  readonly signal: AbortSignal;
  /** One mail that was passed over, and why; it stays where it is. */
  readonly onSkipped: (mail: string, why: 'too-large' | 'unreadable') => void;
};

// One round holds so many mails in memory at once; the commit takes as many together.
const mailsAtOnce = 64;

/** A folder that has new/ and cur/; `AppError` when it is none or may not be read and changed. */
export async function checkMaildir(folder: string): Promise<void> {
  for (const part of ['new', 'cur']) {
    const found = await lstat(join(folder, part)).catch((error: unknown) => notThere(error));
    if (found?.isDirectory() === true) continue;
    throw new AppError({
      code: 'maildir-unusable',
      message: {
        ja: `${folder} は Maildir ではありません（${part}/ がありません）`,
        en: `${folder} is no Maildir: it has no ${part}/`,
      },
      hint: {
        ja: 'new/ と cur/ のあるフォルダーを指定してください',
        en: 'name the folder that holds new/ and cur/',
      },
    });
  }
}

function notThere(error: unknown): null {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return null;
  throw error;
}

/**
 * Takes what lies in new/: what was news goes to cur/ as seen, what is for people goes there unseen, as if their mail
 * program had just opened the folder. A crash in between leaves a mail in new/, and the same news twice is one. Rejects at once
 * when the disk is full, at the end with the first other fault; what was not taken stays in new/.
 */
export async function takeNewMail(folder: string, parts: MailboxParts): Promise<void> {
  const names = (await readdir(join(folder, 'new'))).filter((name) => !name.startsWith('.')).toSorted();
  await inRounds(names, parts.signal, async (name) => {
    const disposition = await takeFile(join(folder, 'new', name), parts);
    if (disposition === null) return;
    const flags = disposition === 'ignored' ? '' : 'S';
    const base = name.split(':', 1)[0] ?? name;
    await rename(join(folder, 'new', name), join(folder, 'cur', `${base}:2,${flags}`));
  });
}

/** Takes what lies in cur/ too, and leaves it there: for mail that came before Todoku did. */
export async function takeSeenMail(folder: string, parts: MailboxParts): Promise<void> {
  const names = (await readdir(join(folder, 'cur'))).filter((name) => !name.startsWith('.')).toSorted();
  await inRounds(names, parts.signal, async (name) => {
    await takeFile(join(folder, 'cur', name), parts);
  });
}

/** One mail that cannot be taken must not keep the next ones waiting for ever. */
async function inRounds(
  names: readonly string[],
  signal: AbortSignal,
  take: (name: string) => Promise<void>,
): Promise<void> {
  const faults: unknown[] = [];
  for (let from = 0; from < names.length && !signal.aborted; from += mailsAtOnce) {
    const settled = await Promise.allSettled(names.slice(from, from + mailsAtOnce).map(take));
    for (const each of settled) {
      if (each.status === 'fulfilled') continue;
      if (each.reason instanceof StorageFull) throw each.reason;
      faults.push(each.reason);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** null: passed over. */
async function takeFile(file: string, parts: MailboxParts): Promise<Disposition | null> {
  const mail = await readMail(file, parts.messageBytes);
  if (typeof mail === 'string') {
    parts.onSkipped(file, mail);
    return null;
  }
  return await takeFrom('maildir', mail, parts);
}

/** One mail out of a mailbox; what is for people stays where it is. */
export async function takeFrom(
  via: 'maildir' | 'imap' | 'file',
  mail: Uint8Array,
  { batch, clock, onTaken }: MailboxParts,
): Promise<Disposition> {
  const answer = await batch.add({ mail, recipients: null, via, atMs: clock.now() });
  const disposition = answer === 'no-room' || answer === 'busy' ? 'ignored' : answer;
  onTaken(disposition);
  return disposition;
}

async function readMail(file: string, mostBytes: number): Promise<Buffer | 'too-large' | 'unreadable'> {
  try {
    const found = await lstat(file);
    // A pipe or a link could hold the reader up, or lead anywhere.
    if (!found.isFile()) return 'unreadable';
    return found.size > mostBytes ? 'too-large' : await readFile(file);
  } catch (error) {
    // Taken away by a mail program, or not ours to read: the next mail may be.
    if (error instanceof Error && 'code' in error) return 'unreadable';
    throw error;
  }
}
