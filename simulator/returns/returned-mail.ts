import { chance } from '../fingerprint.ts';
import type { Provider } from '../provider/schema.ts';

export type ReturnBehaviour = Provider['returns'][number];

/** A mail that a provider took, as far as what comes back needs it. */
export type TakenMail = {
  readonly returnPath: string;
  readonly recipient: string;
  /** Header block, without the empty line. */
  readonly header: string;
  readonly host: string;
};

/** A mail to be sent back: envelope recipient and bytes. The envelope sender is empty (RFC 5321 §4.5.5) unless it is a person. */
export type ReturnMail = { readonly from: string; readonly to: string; readonly text: string };

/** Words that make one return differ from the next: sealed by seed and recipient, so that two runs agree. */
export type Chances = { readonly seed: string; readonly atMs: number };

export function composeReturn(behaviour: ReturnBehaviour, mail: TakenMail, chances: Chances): ReturnMail {
  switch (behaviour.kind) {
    case 'bounce':
      return { from: '', to: mail.returnPath, text: statusNotice(behaviour, mail, chances) };
    case 'delay':
      return { from: '', to: mail.returnPath, text: statusNotice(behaviour, mail, chances) };
    case 'complaint':
      return { from: `feedback@${mail.host}`, to: mail.returnPath, text: complaint(mail, chances) };
    case 'auto-reply':
      return { from: '', to: mail.returnPath, text: vacation(mail, chances) };
    case 'answer':
      return { from: mail.recipient, to: mail.returnPath, text: answer(mail, chances) };
    case 'forged-seal':
      return { from: '', to: forgedPath(mail, chances), text: statusNotice(behaviour, mail, chances) };
    case 'forged-domain':
      return { from: '', to: otherDomain(mail.returnPath), text: statusNotice(behaviour, mail, chances) };
    case 'forged-header': {
      // Knows a Message-ID (it stands in every forwarded copy), but neither return path nor unsubscribe link.
      const known = { ...mail, header: publicHeader(mail.header) };
      const domain = mail.returnPath.slice(mail.returnPath.lastIndexOf('@') + 1);
      return { from: '', to: `bounce@${domain}`, text: statusNotice(behaviour, known, chances) };
    }
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** The return path of this very message with a seal that somebody made up. */
function forgedPath(mail: TakenMail, { seed }: Chances): string {
  const at = mail.returnPath.lastIndexOf('@');
  const local = mail.returnPath.slice(0, at).replace(/-[a-z2-7]{16}$/, '');
  const seal = Array.from({ length: 16 }, (_, index) =>
    letters.charAt(Math.floor(chance(seed, 'forged', mail.recipient, String(index)) * letters.length)),
  );
  return `${local}-${seal.join('')}${mail.returnPath.slice(at)}`;
}

/** A seal of one domain put before another one. */
function otherDomain(path: string): string {
  const at = path.lastIndexOf('@');
  return `${path.slice(0, at)}@stolen.${path.slice(at + 1)}`;
}

function publicHeader(header: string): string {
  const unfolded = header.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n');
  return unfolded.filter((field) => /^(?:From|To|Subject|Date|Message-ID):/i.test(field)).join('\r\n');
}

function dateOf(atMs: number): string {
  return new Date(atMs).toUTCString().replace('GMT', '+0000');
}

/** RFC 3464, in the order and with the fields that mail servers write. */
function statusNotice(behaviour: ReturnBehaviour, mail: TakenMail, { atMs, seed }: Chances): string {
  const delayed = behaviour.kind === 'delay';
  const boundary = boundaryOf(seed, mail);
  const said = behaviour.reply.replaceAll('{recipient}', mail.recipient);
  const status = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})/.exec(said)?.[1] ?? (delayed ? '4.0.0' : '5.0.0');
  return lines([
    `From: Mail Delivery System <MAILER-DAEMON@${mail.host}>`,
    `To: ${mail.returnPath}`,
    `Subject: ${delayed ? 'Delayed Mail (still being retried)' : 'Undelivered Mail Returned to Sender'}`,
    `Date: ${dateOf(atMs)}`,
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=delivery-status; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    delayed ? 'Your message could not be delivered yet.' : 'Your message could not be delivered.',
    '',
    `<${mail.recipient}>: ${said}`,
    '',
    `--${boundary}`,
    'Content-Type: message/delivery-status',
    '',
    `Reporting-MTA: dns; ${mail.host}`,
    `Arrival-Date: ${dateOf(atMs)}`,
    '',
    `Final-Recipient: rfc822; ${mail.recipient}`,
    `Action: ${delayed ? 'delayed' : 'failed'}`,
    `Status: ${status}`,
    `Diagnostic-Code: smtp; ${said}`,
    '',
    `--${boundary}`,
    'Content-Type: text/rfc822-headers',
    '',
    mail.header,
    '',
    `--${boundary}--`,
  ]);
}

/** RFC 5965. */
function complaint(mail: TakenMail, { atMs, seed }: Chances): string {
  const boundary = boundaryOf(seed, mail);
  return lines([
    `From: <feedback@${mail.host}>`,
    `To: ${mail.returnPath}`,
    'Subject: complaint about message',
    `Date: ${dateOf(atMs)}`,
    'MIME-Version: 1.0',
    `Content-Type: multipart/report; report-type=feedback-report; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    'This is an email abuse report for a message that a user marked as junk.',
    '',
    `--${boundary}`,
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: todoku-simulator/1',
    'Version: 1',
    `Original-Mail-From: <${mail.returnPath}>`,
    `Original-Rcpt-To: <${mail.recipient}>`,
    `Arrival-Date: ${dateOf(atMs)}`,
    '',
    `--${boundary}`,
    'Content-Type: message/rfc822',
    '',
    mail.header,
    '',
    '',
    `--${boundary}--`,
  ]);
}

/** RFC 3834. */
function vacation(mail: TakenMail, { atMs }: Chances): string {
  return lines([
    `From: <${mail.recipient}>`,
    `To: ${mail.returnPath}`,
    'Subject: Auto: out of office',
    `Date: ${dateOf(atMs)}`,
    'Auto-Submitted: auto-replied (vacation)',
    '',
    'I am away until Monday and read no mail.',
  ]);
}

function answer(mail: TakenMail, { atMs }: Chances): string {
  return lines([
    `From: <${mail.recipient}>`,
    `To: ${mail.returnPath}`,
    'Subject: Re: your news',
    `Date: ${dateOf(atMs)}`,
    '',
    'Thank you, I will drop by next week.',
  ]);
}

function boundaryOf(seed: string, mail: TakenMail): string {
  return `=_${Math.floor(chance(seed, 'boundary', mail.recipient) * 2 ** 40).toString(36)}`;
}

function lines(texts: readonly string[]): string {
  return `${texts.join('\r\n')}\r\n`;
}
