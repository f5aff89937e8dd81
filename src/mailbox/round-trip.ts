import { randomUUID } from 'node:crypto';
import type { ImapFlow } from 'imapflow';
import type { Clock } from '../base/index.ts';
import type { Finding } from '../findings/index.ts';
import { formatDate } from '../protocol/message/index.ts';
import type { Dialog } from './line-dialog.ts';
import { openFolder } from './imap-mailbox.ts';
import type { Folder } from './imap-mailbox.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { lastOf, popCommand, smtpCommand } from './protocol-talk.ts';
import type { Service } from './services.ts';

/** A marked mail as it came in. */
export type Arrived = {
  readonly folder: string;
  readonly role: Folder['role'];
  /** When the server says it came; null: it does not say. */
  readonly storedMs: number | null;
  readonly header: string;
};

/** Looks once whether the mail with that mark is there. */
export type LookForMark = (mark: string) => Promise<Arrived | null>;

export type RoundTrip = {
  readonly submission: { readonly service: Service; readonly dialog: Dialog };
  readonly address: string;
  readonly look: LookForMark;
  readonly waitMs: number;
};

// People look on; servers dislike being asked more often.
const askEveryMs = 3_000;
// Mail inside one provider takes seconds. Greylisting takes minutes, and is worth knowing.
const lateMs = 60_000;
// A clock that is set by the network is right to a second; time zones set wrong are hours.
const skewMs = 10 * 60_000;
const field = 'X-Todoku-Round-Trip';

/** Sends a marked mail from the address to itself and watches for it. */
export async function goRoundTrip(trip: RoundTrip, tools: MailboxTools): Promise<readonly Finding[]> {
  const { clock } = tools;
  const tell = tellOf(trip.submission.service, tools);
  const mark = randomUUID();
  const sentMs = clock.now();
  const refusal = await submit(trip, { mark, sentMs, hostname: tools.hostname });
  if (refusal !== null) return [tell('round-trip-refused', refusal)];
  const startMs = clock.monotonic();
  for (;;) {
    const arrived = await trip.look(mark);
    const delayMs = clock.monotonic() - startMs;
    if (arrived !== null) return judge(arrived, { delayMs, sentMs, tell });
    if (delayMs >= trip.waitMs)
      return [tell('round-trip-missing', mark, { seconds: Math.round(delayMs / 1000) })];
    await pause(clock, askEveryMs);
  }
}

async function pause(clock: Clock, delayMs: number): Promise<void> {
  await new Promise<void>((resolve) => clock.after(delayMs, resolve));
}

/** null: the server took it. */
async function submit(
  { submission, address }: RoundTrip,
  { mark, sentMs, hostname }: { readonly mark: string; readonly sentMs: number; readonly hostname: string },
): Promise<string | null> {
  const { dialog } = submission;
  for (const command of [`MAIL FROM:<${address}>`, `RCPT TO:<${address}>`, 'DATA']) {
    const answer = await smtpCommand(dialog, command);
    const isGood =
      answer.kind === 'answer' && (answer.ok || (command === 'DATA' && lastOf(answer).startsWith('354')));
    if (!isGood) return `${command}: ${lastOf(answer)}`;
  }
  const lines = [
    `Date: ${formatDate(sentMs)}`,
    `From: <${address}>`,
    `To: <${address}>`,
    `Message-ID: <${mark}@${hostname}>`,
    'Subject: Todoku round trip',
    `${field}: ${mark}`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'A mail of "todoku check mailbox", to see how long mail takes. It can be deleted.',
    '.',
  ];
  const answer = await smtpCommand(dialog, lines.join('\r\n'));
  return answer.kind === 'answer' && answer.ok ? null : `DATA: ${lastOf(answer)}`;
}

type Judging = {
  readonly delayMs: number;
  readonly sentMs: number;
  readonly tell: ReturnType<typeof tellOf>;
};

function judge(
  { folder, role, storedMs, header }: Arrived,
  { delayMs, sentMs, tell }: Judging,
): readonly Finding[] {
  // RFC 8601 §5: the receiver's own stands on top; those below may be anybody's.
  const results =
    /^authentication-results:[^\n]*(?:\n[ \t][^\n]*)*/im.exec(header)?.[0].replaceAll(/\s+/g, ' ') ?? '';
  const seconds = Math.round(delayMs / 100) / 10;
  const evidence = `${seconds} s, ${folder}${results === '' ? '' : `\n${results}`}`;
  const findings: Finding[] = [];
  if (role === 'junk' || role === 'trash')
    findings.push(tell('round-trip-in-junk', evidence, { folder, seconds }));
  if (delayMs > lateMs) findings.push(tell('round-trip-late', evidence, { seconds }));
  const failed = /\b(?:spf|dkim|dmarc)=(?:fail|softfail|permerror|temperror)\b/i.exec(results)?.[0];
  if (failed !== undefined) findings.push(tell('round-trip-unauthenticated', evidence, { failed }));
  const skew = storedMs === null ? 0 : storedMs < sentMs ? sentMs - storedMs : storedMs - sentMs - delayMs;
  if (skew > skewMs) findings.push(tell('clock-wrong', evidence, { minutes: Math.round(skew / 60_000) }));
  return findings.length > 0 ? findings : [tell('round-trip-arrived', evidence, { seconds, folder })];
}

/** By IMAP: in every folder, since rules and filters move mail; what is found is removed again. */
export function lookByImap(client: ImapFlow, folders: readonly Folder[]): LookForMark {
  return async (mark) => {
    for (const { path, role } of folders) {
      if (!(await openFolder(client, path, false))) continue;
      const found = await client.search({ header: { [field]: mark } }, { uid: true });
      const uid = Array.isArray(found) ? found[0] : undefined;
      if (uid === undefined) continue;
      const message = await client.fetchOne(
        String(uid),
        { internalDate: true, headers: true },
        { uid: true },
      );
      if (message === false) continue;
      const storedMs = message.internalDate === undefined ? null : new Date(message.internalDate).getTime();
      await client.messageDelete(String(uid), { uid: true });
      return {
        folder: path,
        role,
        storedMs,
        header: message.headers?.toString('utf8').replaceAll('\r\n', '\n') ?? '',
      };
    }
    return null;
  };
}

// Marked mail is among the newest.
const mostLooked = 10;

/** By POP3: the newest of the maildrop, which shows no other folder. `signIn` opens a session of its own each time (RFC 1939 §4). */
export function lookByPop(signIn: () => Promise<Dialog | null>): LookForMark {
  return async (mark) => {
    const dialog = await signIn();
    if (dialog === null) return null;
    try {
      const count = Number(/^\+OK (\d+)/.exec(lastOf(await popCommand(dialog, 'STAT')))?.[1] ?? 0);
      for (let number = count; number > Math.max(0, count - mostLooked); number -= 1) {
        const top = await popCommand(dialog, `TOP ${number} 0`, true);
        const lines = top.kind === 'answer' ? top.lines.slice(1) : [];
        if (!lines.includes(`${field}: ${mark}`)) continue;
        await popCommand(dialog, `DELE ${number}`);
        return { folder: 'POP', role: 'inbox', storedMs: null, header: lines.join('\n') };
      }
      return null;
    } finally {
      await popCommand(dialog, 'QUIT');
      dialog.close();
    }
  };
}
