import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../base/index.ts';
import { mailsIn } from '../bounces/index.ts';
import type { IntakeRequest, IntakeResult, IntakeWatch } from '../cli/index.ts';
import { checkMaildir, openImap, takeFrom, takeNewMail, takeSeenMail } from '../inbound/index.ts';
import type { Disposition, MailboxParts } from '../inbound/index.ts';
import type { RunParts } from './delivery-run.ts';
import { imapAccesses } from './imap-access.ts';
import { keptFullText, skippedText } from './remarks.ts';
import { createReturnedMail } from './returned-mail.ts';

// As many as one commit takes.
const mailsAtOnce = 64;

/**
 * Takes returned mail out of files (a mail, an mbox, a list of notifications), folders of them, and Maildirs, once. Files stay
 * as they are; a Maildir's new/ is emptied into cur/. The same mail twice is one.
 */
export async function takeIn(
  parts: RunParts,
  { paths, imap }: IntakeRequest,
  watch: IntakeWatch,
): Promise<IntakeResult> {
  const { config, clock } = parts;
  // What the system refuses (missing, no permission) is told by its own error, before anything is taken.
  const places = paths.flatMap(placesOf);
  for (const place of places) if (place.kind === 'maildir') await checkMaildir(place.path);
  const mailboxes = imap ? imapAccesses(config) : [];
  if (imap && mailboxes.length === 0) throw noMailbox();
  const taken: Record<Disposition, number> = { news: 0, unsubscribe: 0, report: 0, kept: 0, ignored: 0 };
  let skipped = 0;
  let mails = 0;
  const intake = createReturnedMail({ ...parts, onFull: (folder) => watch.remark(keptFullText(folder)) });
  const mailbox: MailboxParts = {
    batch: intake.batch,
    clock,
    messageBytes: config.inbound.limits.messageSizeBytes,
    signal: watch.signal,
    onTaken(disposition) {
      taken[disposition] += 1;
      mails += 1;
      watch.progress(mails);
    },
    onSkipped(mail, why) {
      skipped += 1;
      watch.remark(skippedText(mail, why));
    },
  };
  for (const place of places) {
    if (watch.signal.aborted) break;
    if (place.kind === 'file') await takeFile(place.path, mailbox, watch.signal);
    else {
      // In this order: what is new ends in cur/.
      await takeSeenMail(place.path, mailbox);
      await takeNewMail(place.path, mailbox);
    }
  }
  for (const access of mailboxes) {
    if (watch.signal.aborted) break;
    const session = await openImap(access, mailbox);
    try {
      await session.takeAll();
    } finally {
      await session.close();
    }
  }
  return { taken, skipped, interrupted: watch.signal.aborted };
}

function noMailbox(): AppError {
  return new AppError({
    code: 'intake-no-mailbox',
    message: { ja: '設定に inbound.imap がありません', en: 'the configuration has no inbound.imap' },
    hint: {
      ja: 'host・user・passwordFile を書いてください（docs/config.md）',
      en: 'give it host, user and passwordFile (docs/config.md)',
    },
  });
}

type Place = { readonly kind: 'file' | 'maildir'; readonly path: string };

function placesOf(path: string): readonly Place[] {
  if (!statSync(path).isDirectory()) return [{ kind: 'file', path }];
  if (existsSync(join(path, 'new')) || existsSync(join(path, 'cur'))) return [{ kind: 'maildir', path }];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map((entry): Place => ({ kind: 'file', path: join(path, entry.name) }))
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

async function takeFile(path: string, mailbox: MailboxParts, signal: AbortSignal): Promise<void> {
  let underWay: Promise<void>[] = [];
  const takeOne = async (mail: Uint8Array): Promise<void> => {
    await takeFrom('file', mail, mailbox);
  };
  for await (const mail of mailsIn(createReadStream(path))) {
    if (signal.aborted) break;
    underWay.push(takeOne(mail));
    if (underWay.length < mailsAtOnce) continue;
    await Promise.all(underWay);
    underWay = [];
  }
  await Promise.all(underWay);
}
