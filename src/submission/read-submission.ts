import type { NewMail } from '../outbox/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';
import { formatDate, formatMessageId } from '../protocol/message/index.ts';
import { readableValue } from '../protocol/mime/index.ts';
import { checkAuthors } from './author.ts';
import { readHeaderBlock, valueOf } from './header-block.ts';
import type { HeaderLine } from './header-block.ts';
import { inAscii } from './plain-header.ts';
import type { Submission, SubmissionRules } from './ports.ts';
import { receivedField } from './received-field.ts';
import { refusals, repeatedField } from './refusals.ts';
import { textForm } from './text-form.ts';
import type { TextForm } from './text-form.ts';
import { tagsOf, streamOf } from './wishes.ts';

export type SubmissionReading =
  | { readonly ok: true; readonly mail: NewMail }
  | { readonly ok: false; readonly refusal: Refusal };

// RFC 5322 §2.1.1
const longestLineOctets = 998;
// RFC 5321 §6.3: "at least 100 Received entries"
const mostReceived = 100;
const mostSubjectCharacters = 200;
// RFC 5322 §3.6, with the name as people know it.
const atMostOnce = new Map(
  [
    'Date',
    'From',
    'Sender',
    'Reply-To',
    'To',
    'Cc',
    'Message-ID',
    'In-Reply-To',
    'References',
    'Subject',
  ].map((name) => [name.toLowerCase(), name]),
);
// Bcc is for us alone (RFC 5322 §3.6.3), Return-Path is written at the other end (RFC 5321 §4.4), wishes are ours.
const removed = new Set(['bcc', 'resent-bcc', 'return-path', 'todoku-stream', 'todoku-tags']);

/** A submitted mail as the outbox takes it, or why not. What is refused could be read in two ways or breaks a bound. */
export function readSubmission(submission: Submission, rules: SubmissionRules): SubmissionReading {
  const form = textForm(submission.bytes);
  const refusal = formRefusal(form);
  if (refusal !== null) return { ok: false, refusal };
  const header = readHeaderBlock(submission.bytes.subarray(0, form.headerEnd));
  if (!header.ok) return header;
  const repeated = repeatedOf(header.fields);
  if (repeated !== null) return { ok: false, refusal: repeated };
  const author = checkAuthors(header.fields, submission, rules);
  if (!author.ok) return author;
  const fields = outgoing(header.fields, submission.envelope.smtpUtf8);
  if (fields === null) return { ok: false, refusal: refusals.needsUtf8 };
  const id = rules.newId();
  const bytes = composed(submission, { fields, form, author: author.author, id, rules });
  const { envelope, key, via } = submission;
  return {
    ok: true,
    mail: {
      id,
      via,
      owner: key.id,
      domain: author.domain,
      author: author.author,
      subject: subjectOf(header.fields),
      stream: streamOf(header.fields),
      sandbox: key.sandbox || rules.isSandbox?.(author.domain) === true,
      bodies: [{ bytes, eightBit: form.eightBit, smtpUtf8: fields.some(isUtf8Field) }],
      recipients: envelope.recipients,
      submitter:
        envelope.sender === null
          ? null
          : { address: envelope.sender, envelopeId: envelope.envelopeId, returns: envelope.returns },
      requireTls: envelope.requireTls,
      tags: tagsOf(header.fields),
      metadata: {},
      notBeforeMs: 0,
      lifetimeMs: rules.lifetimeMs,
      idempotency: null,
    },
  };
}

function formRefusal(form: TextForm): Refusal | null {
  if (form.bareLineEnd) return refusals.bareLineEnd;
  if (form.nul) return refusals.nul;
  return form.longestLineOctets > longestLineOctets ? refusals.longLine : null;
}

function repeatedOf(fields: readonly HeaderLine[]): Refusal | null {
  const seen = new Set<string>();
  let received = 0;
  for (const { name } of fields) {
    const shown = atMostOnce.get(name);
    if (shown !== undefined && seen.has(name)) return repeatedField(shown);
    seen.add(name);
    if (name === 'received') received += 1;
  }
  return received > mostReceived ? refusals.loop : null;
}

/** The fields as they go out; null: raw UTF-8 that cannot be said in ASCII, and the client did not ask for SMTPUTF8. */
function outgoing(fields: readonly HeaderLine[], smtpUtf8: boolean): readonly HeaderLine[] | null {
  const kept: HeaderLine[] = [];
  for (const field of fields) {
    if (removed.has(field.name)) continue;
    const plain = smtpUtf8 || !isUtf8Field(field) ? field : inAscii(field);
    if (plain === null) return null;
    kept.push(plain);
  }
  return kept;
}

function isUtf8Field({ raw }: HeaderLine): boolean {
  return /[\u0080-\u00ff]/.test(raw);
}

type Composition = {
  readonly fields: readonly HeaderLine[];
  readonly form: TextForm;
  readonly author: string;
  readonly id: string;
  readonly rules: SubmissionRules;
};

/** RFC 6409 §8.1 and §8.2: Date and Message-ID are added where they are missing; the body is untouched. */
function composed(submission: Submission, { fields, form, author, id, rules }: Composition): Buffer {
  const names = new Set(fields.map(({ name }) => name));
  const domain = author.slice(author.lastIndexOf('@') + 1);
  const header = [
    receivedField(submission, rules, id),
    ...fields.map(({ raw }) => raw),
    names.has('date') ? '' : `Date: ${formatDate(submission.nowMs)}\r\n`,
    names.has('message-id') ? '' : `Message-ID: ${formatMessageId(id, domain)}\r\n`,
  ].join('');
  const body = submission.bytes.subarray(form.headerEnd);
  return Buffer.concat([Buffer.from(header, 'latin1'), body.length === 0 ? Buffer.from('\r\n') : body]);
}

function subjectOf(fields: readonly HeaderLine[]): string {
  const subject = fields.find(({ name }) => name === 'subject');
  if (subject === undefined) return '';
  // The reader of encoded words takes octets as characters.
  const octets = Buffer.from(valueOf(subject), 'utf8').toString('latin1');
  return readableValue(octets).slice(0, mostSubjectCharacters).toWellFormed();
}
