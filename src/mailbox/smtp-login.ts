import type { Finding } from '../findings/index.ts';
import type { Dialog } from './line-dialog.ts';
import { loginRefused } from './login-reply.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import type { Account } from './account.ts';
import { lastOf, smtpCommand } from './protocol-talk.ts';
import type { Answer } from './protocol-talk.ts';
import type { Service } from './services.ts';

/** A submission server with its capabilities as told in TLS. */
export type Submission = {
  readonly service: Service;
  readonly dialog: Dialog;
  readonly capabilities: readonly string[];
};

/** Signs in to a submission server; nothing found: it takes mail from this account. */
export async function signInToSmtp(
  { service, dialog, capabilities }: Submission,
  account: Account,
  tools: MailboxTools,
): Promise<readonly Finding[]> {
  const tell = tellOf(service, tools);
  const offer = capabilities.find((line) => /^250[ -]AUTH[ =]/i.test(line));
  if (offer === undefined) return [tell('auth-missing', capabilities.join('\n'))];
  const mechanisms = offer.toUpperCase().split(/[ =-]/);
  if (account.password === null) return await withoutLogin({ service, dialog, capabilities }, account, tools);
  if (!mechanisms.includes('PLAIN') && !mechanisms.includes('LOGIN'))
    return [tell('password-login-ended', offer)];
  const answer = mechanisms.includes('PLAIN')
    ? await plain(dialog, account.user, account.password)
    : await login(dialog, account.user, account.password);
  if (answer.kind === 'answer' && answer.ok) return [];
  if (answer.kind !== 'answer') return [tell('answers-stop', `AUTH: ${answer.kind}`)];
  return [loginRefused(service, { said: answer.lines.join('\n'), policy: account.policy }, tools)];
}

/** RFC 4616. */
export function plainSecret(user: string, password: string): string {
  return Buffer.from(`\0${user}\0${password}`).toString('base64');
}

async function plain(dialog: Dialog, user: string, password: string): Promise<Answer> {
  return await smtpCommand(dialog, `AUTH PLAIN ${plainSecret(user, password)}`);
}

async function login(dialog: Dialog, user: string, password: string): Promise<Answer> {
  const asked = await smtpCommand(dialog, 'AUTH LOGIN');
  if (!asksOn(asked)) return asked;
  const named = await smtpCommand(dialog, Buffer.from(user).toString('base64'));
  if (!asksOn(named)) return named;
  return await smtpCommand(dialog, Buffer.from(password).toString('base64'));
}

function asksOn(answer: Answer): boolean {
  return lastOf(answer).startsWith('334');
}

/**
 * Whether mail is refused to whoever does not sign in, which is how a mail program without "SMTP authentication" fails. The
 * transaction is dropped before any content: nothing is sent.
 */
async function withoutLogin(
  { service, dialog }: Submission,
  account: Account,
  tools: MailboxTools,
): Promise<readonly Finding[]> {
  const mail = await smtpCommand(dialog, `MAIL FROM:<${account.address ?? ''}>`);
  const refusal =
    mail.kind === 'answer' && mail.ok ? await smtpCommand(dialog, `RCPT TO:<${foreignRecipient}>`) : mail;
  await smtpCommand(dialog, 'RSET');
  if (refusal.kind !== 'answer' || refusal.ok) return [];
  return [tellOf(service, tools)('login-first', refusal.lines.join('\n'))];
}

// RFC 2606 §3: reserved, so that nobody is ever asked about.
const foreignRecipient = 'postmaster@example.com';
