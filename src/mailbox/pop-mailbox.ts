import type { Finding } from '../findings/index.ts';
import type { Account } from './account.ts';
import type { Dialog } from './line-dialog.ts';
import { loginRefused } from './login-reply.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { lastOf, popCommand } from './protocol-talk.ts';
import type { Service } from './services.ts';

export type PopAccess = { readonly service: Service; readonly dialog: Dialog };

/** Signs in to a maildrop (RFC 1939 §7). null: signed in. */
export async function signInToPop(
  { service, dialog }: PopAccess,
  account: Account & { readonly password: string },
  tools: MailboxTools,
): Promise<Finding | null> {
  // CR and LF end a command (RFC 1939 §3): nothing may be smuggled in behind one.
  const named = await popCommand(dialog, `USER ${oneLine(account.user)}`);
  const answer =
    named.kind === 'answer' && named.ok
      ? await popCommand(dialog, `PASS ${oneLine(account.password)}`)
      : named;
  if (answer.kind !== 'answer') return tellOf(service, tools)('answers-stop', `PASS: ${answer.kind}`);
  if (answer.ok) return null;
  return loginRefused(service, { said: lastOf(answer), policy: account.policy }, tools);
}

function oneLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '');
}

/** What lies in the maildrop, seen by somebody who signed in. */
export async function lookIntoPop(
  { service, dialog }: PopAccess,
  tools: MailboxTools,
): Promise<readonly Finding[]> {
  const tell = tellOf(service, tools);
  const stat = await popCommand(dialog, 'STAT');
  const read = /^\+OK (\d+) (\d+)/.exec(lastOf(stat));
  if (read === null) return [tell('answers-stop', `STAT: ${lastOf(stat)}`)];
  const count = Number(read[1]);
  const octets = Number(read[2]);
  if (count < tools.facts.limits.leftOnServer) return [];
  const megabytes = Math.round(octets / 1_000_000);
  const oldest = await popCommand(dialog, 'TOP 1 0', true);
  const lines = oldest.kind === 'answer' ? oldest.lines : [];
  const date = lines.find((line) => /^date:/i.test(line)) ?? '';
  return [tell('left-on-server', `STAT ${count} ${octets}\n${date}`, { count, megabytes })];
}
