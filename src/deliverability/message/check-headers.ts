import { rawValue } from '../../protocol/mime/index.ts';
import { readDate } from './header-date.ts';
import type { Mail } from './mail.ts';
import { valuesOf } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

// RFC 5322 §3.6, RFC 2045 §3, RFC 2369 §2, RFC 8058 §3.1: at most one of each.
const single = [
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'date',
  'subject',
  'message-id',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
];

// SpamAssassin and rspamd begin to count here: 3 hours ahead, 4 days behind.
const aheadMs = 3 * 3_600_000;
const behindMs = 4 * 86_400_000;
// RFC 5322 §2.1.1: 998 characters without the line end.
export const longestLine = 998;
// Longer ones are cut or refused by some servers; the form allows a whole line.
const longestMessageId = 250;

/** Fields that every mail must have, may have once, and what stands in them. */
export function checkHeaders(mail: Mail, tell: Tell, nowMs: number): void {
  checkRequired(mail, tell);
  checkDate(mail, tell, nowMs);
  checkMessageId(mail, tell);
  const names = mail.root.fields.map(({ name }) => name);
  const repeated = single.filter((name) => names.filter((each) => each === name).length > 1);
  if (repeated.length > 0)
    tell('repeated-field', { subject: repeated.join(', '), evidence: repeatedLines(mail, repeated) });
  const raw = mail.root.fields.filter(({ value }) => /[\u0080-\u00ff]/.test(value));
  if (raw.length > 0)
    tell('raw-8bit-header', {
      subject: raw
        .map(({ name }) => name)
        .join(', ')
        .slice(0, 200),
      evidence: exampleLines(
        raw.map(({ name, value }) => `${name}: ${Buffer.from(value, 'latin1').toString('utf8')}`),
      ),
    });
  const isMime = names.includes('content-type') || names.includes('content-transfer-encoding');
  if (isMime && !names.includes('mime-version'))
    tell('no-mime-version', { subject: 'MIME-Version', evidence: 'MIME-Version: -' });
  checkHeaderWords(mail, tell);
}

function checkRequired(mail: Mail, tell: Tell): void {
  const absent = (name: string): boolean => (rawValue(mail.root.fields, name) ?? '').trim() === '';
  const none = (name: string): { subject: string; evidence: string } => ({
    subject: name,
    evidence: `${name}: -`,
  });
  if (absent('from')) tell('no-from', none('From'));
  if (absent('date')) tell('no-date', none('Date'));
  if (absent('message-id')) tell('no-message-id', none('Message-ID'));
  if (absent('subject')) tell('no-subject', none('Subject'));
  if (absent('to') && absent('cc')) tell('no-recipient-field', none('To'));
}

function repeatedLines(mail: Mail, names: readonly string[]): string {
  return exampleLines(names.flatMap((name) => valuesOf(mail, name).map((value) => `${name}: ${value}`)));
}

function checkDate(mail: Mail, tell: Tell, nowMs: number): void {
  const [written] = valuesOf(mail, 'date');
  if (written === undefined || written.trim() === '') return;
  const evidence = `Date: ${written}`;
  const date = readDate(written);
  if (date === null) {
    tell('date-unreadable', { subject: 'Date', evidence });
    return;
  }
  // RFC 5321 §4.4: what the last server wrote on top, behind the last semicolon. A file on a disk may be of any age.
  const [trace] = valuesOf(mail, 'received');
  const received = trace === undefined ? null : readDate(trace.slice(trace.lastIndexOf(';') + 1));
  const isAhead = date - (received ?? nowMs) > aheadMs;
  const isBehind = received !== null && received - date > behindMs;
  if (isAhead || isBehind)
    tell('date-off', {
      subject: 'Date',
      evidence: received === null ? evidence : `${evidence}\nReceived: ${new Date(received).toISOString()}`,
    });
}

function checkMessageId(mail: Mail, tell: Tell): void {
  const [id] = valuesOf(mail, 'message-id');
  if (id === undefined || id.trim() === '') return;
  const domain = /^<[^\s<>@]+@([^\s<>@]+)>$/.exec(id.trim())?.[1];
  const isSound = domain !== undefined && id.length <= longestMessageId && /^\[|\./.test(domain);
  if (!isSound || domain.endsWith('.local') || domain.endsWith('.localdomain'))
    tell('message-id-form', { subject: 'Message-ID', evidence: id });
}

/** A reply that answers nothing, and encoded words around plain ASCII. */
function checkHeaderWords(mail: Mail, tell: Tell): void {
  const { fields } = mail.root;
  const answers = rawValue(fields, 'in-reply-to') !== null || rawValue(fields, 'references') !== null;
  if (/^\s*(?:re|fwd?)\s*[:：]/i.test(mail.subject) && !answers)
    tell('fake-reply', { subject: 'Subject', evidence: mail.subject });
  const written = rawValue(fields, 'subject') ?? '';
  if (
    written.includes('=?') &&
    mail.subject !== '' &&
    /^[ -~]*$/.test(mail.subject) &&
    !mail.subject.includes('=?')
  )
    tell('needless-encoding', { subject: 'Subject', evidence: written });
}
