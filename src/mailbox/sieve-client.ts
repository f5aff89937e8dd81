import type { Account } from './account.ts';
import { openDialog } from './line-dialog.ts';
import type { Dialog } from './line-dialog.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import { plainSecret } from './smtp-login.ts';

/** The filter that is in force. */
export type ActiveScript = { readonly name: string; readonly text: string };

/** null: there is no ManageSieve, or it gives nothing away; `script` null: no filter is in force. */
export type SieveAnswer = { readonly script: ActiveScript | null } | null;

/** Asks by ManageSieve (RFC 5804) for the active script. A filter that cannot be read is no fault of the mailbox. */
export async function activeScript(
  place: { readonly host: string; readonly address: string; readonly port: number },
  account: Account & { readonly password: string },
  tools: MailboxTools,
): Promise<SieveAnswer> {
  const dialog = await openDialog(place, tools.dialog);
  if (typeof dialog === 'string') return null;
  try {
    return await readActive(dialog, place.host, account);
  } finally {
    dialog.close();
  }
}

async function readActive(
  dialog: Dialog,
  host: string,
  account: Account & { readonly password: string },
): Promise<SieveAnswer> {
  const greeting = await response(dialog);
  if (greeting === null || !greeting.some((line) => /^"STARTTLS"/i.test(line))) return null;
  dialog.send('STARTTLS');
  if ((await response(dialog)) === null) return null;
  const tls = await dialog.secure(host);
  // The password goes to nobody who has not proven the name.
  if (tls.kind !== 'secured' || tls.distrust !== null || tls.wrongName !== null) return null;
  // RFC 5804 §2.2: after TLS the server tells its capabilities again.
  if ((await response(dialog)) === null) return null;
  dialog.send(`AUTHENTICATE "PLAIN" "${plainSecret(account.user, account.password)}"`);
  if ((await response(dialog)) === null) return null;
  dialog.send('LISTSCRIPTS');
  const listed = await response(dialog);
  if (listed === null) return null;
  const active = listed
    .map((line) => /^"((?:[^"\\]|\\.)*)" ACTIVE$/i.exec(line)?.[1])
    .find((name) => name !== undefined);
  if (active === undefined) return { script: null };
  const name = active.replaceAll(/\\(.)/g, '$1');
  dialog.send(`GETSCRIPT "${active}"`);
  const text = await literal(dialog);
  return text === null ? null : { script: { name, text } };
}

// More scripts and capabilities than any server has.
const mostLines = 500;

/** Lines before the OK (RFC 5804 §1.3); null: NO, BYE, or the talk broke off. */
async function response(dialog: Dialog): Promise<readonly string[] | null> {
  const lines: string[] = [];
  while (lines.length < mostLines) {
    const line = await dialog.line();
    if (line.kind !== 'line' || /^(?:NO|BYE)\b/i.test(line.text)) return null;
    if (/^OK\b/i.test(line.text)) return lines;
    lines.push(line.text);
  }
  return null;
}

/** `{12}` and that many octets, or a quoted string on one line (RFC 5804 §4). */
async function literal(dialog: Dialog): Promise<string | null> {
  const first = await dialog.line();
  if (first.kind !== 'line') return null;
  const count = /^\{(\d{1,9})\+?\}$/.exec(first.text)?.[1];
  if (count !== undefined) return (await dialog.octets(Number(count)))?.toString('utf8') ?? null;
  const text = /^"((?:[^"\\]|\\.)*)"$/.exec(first.text)?.[1];
  return text?.replaceAll(/\\(.)/g, '$1') ?? null;
}
