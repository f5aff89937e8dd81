import { allowsDomain } from '../access/index.ts';
import type { AccessKey } from '../access/index.ts';
import type { AttachmentDesk, LinkWishes, Prepared } from '../attachments/index.ts';
import type { Clock } from '../base/index.ts';
import { composeMail } from '../compose/index.ts';
import type { ComposeFailure, MailRequest, MailStamp } from '../compose/index.ts';
import { newMailId } from '../outbox/index.ts';
import type { NewMail } from '../outbox/index.ts';
import { parseMailbox } from '../protocol/message/index.ts';
import { recordBounds } from './contract/message.ts';
import type { MessageRequest } from './contract/message.ts';
import { attachmentsOf } from './mail-attachments.ts';
import { asList, recipientsOf } from './mail-recipients.ts';
import { textsOf } from './mail-texts.ts';
import type { TemplateTexts } from './mail-texts.ts';
import { problem } from './problem.ts';
import type { Fault, Problem } from './problem.ts';

/** A sending domain as the API needs it. */
export type SenderDomain = {
  /** config `domains[].name` */
  readonly name: string;
  /** false: made here, and its DNS records were not seen yet. */
  readonly verified: boolean;
  /** What is sent for it is captured. */
  readonly sandbox: boolean;
};

export type MailMaking = {
  readonly clock: Clock;
  readonly random: () => number;
  /** The domain that mail of an author's domain is sent for; null: none is set up. */
  readonly senderOf: (authorDomain: string) => SenderDomain | null;
  readonly templates: TemplateTexts;
  /** How long a mail is tried when nothing else is asked for. */
  readonly expiryMs: number;
  /** The same of transactional mail; left out: no other. */
  readonly expiryTransactionalMs?: number;
  /** Composes mails with files as each recipient's provider takes them; without it files go along as they are. */
  readonly desk?: AttachmentDesk;
};

/** Who hands it over, and under which key it may be repeated. */
export type Submission = {
  readonly key: AccessKey;
  readonly idempotency: NewMail['idempotency'];
};

// A year: what lies further ahead is a slip, and a body would be kept as long.
const furthestAheadMs = 366 * 24 * 60 * 60 * 1000;
const longestSubjectCharacters = 200;

/** What one request has become: one mail, or several where its files were split. */
export type MadeMails = {
  readonly mails: readonly NewMail[];
  /** Takes back what was stored for them; to be called when they were not accepted. */
  discard(): Promise<void>;
};

/** A request as the mails that are handed to the outbox; faults name their fields. Only files behind links are stored yet. */
export async function makeMails(
  request: MessageRequest,
  submission: Submission,
  making: MailMaking,
): Promise<MadeMails | Problem> {
  const draft = draftOf(request, submission, making);
  if ('kind' in draft) return draft;
  const { mail, letter, links } = draft;
  const stamp = (): MailStamp => ({
    id: newMailId(draft.nowMs, making.random),
    domain: mail.domain,
    dateMs: draft.nowMs,
  });
  if (making.desk === undefined || letter.attachments.length === 0) {
    const own = stamp();
    const body = composeMail(letter, own);
    if ('failure' in body) return composeProblem(body, request);
    return { mails: [{ ...mail, id: own.id, bodies: [body] }], discard: nothingToDiscard };
  }
  const { recipients, domain, notBeforeMs } = mail;
  const prepared = await making.desk.prepare({
    request: letter,
    recipients,
    domain,
    links,
    notBeforeMs,
    stamp,
  });
  if (prepared.kind !== 'prepared') return unprepared(prepared, request);
  const notices = new Map(recipients.map(({ address, notice }) => [address, notice]));
  const mails = prepared.mails.map((each) => ({
    ...mail,
    id: each.stamp.id,
    bodies: each.bodies,
    recipients: each.recipients.map((one) => ({ ...one, notice: notices.get(one.address) ?? null })),
  }));
  return { mails, discard: () => prepared.discard() };
}

async function nothingToDiscard(): Promise<void> {
  await Promise.resolve();
}

// A scanner that is being restarted is back in a minute; a full place for files takes somebody.
const retrySeconds = 60;

function unprepared(
  { kind, failure }: Exclude<Prepared, { kind: 'prepared' }>,
  request: MessageRequest,
): Problem {
  if (kind !== 'unavailable' && kind !== 'full') return composeProblem(failure, request);
  const detail = failure.text ?? { ja: failure.failure, en: failure.failure };
  const code = kind === 'full' ? 'disk-full' : 'scanner-unavailable';
  return problem(code, { detail, headers: { 'retry-after': String(retrySeconds) } });
}

/** A mail but for what is composed. */
type Draft = {
  readonly mail: Omit<NewMail, 'id' | 'bodies'>;
  readonly letter: MailRequest;
  readonly links: LinkWishes;
  readonly nowMs: number;
};

function draftOf(
  request: MessageRequest,
  { key, idempotency }: Submission,
  making: MailMaking,
): Draft | Problem {
  const sender = senderOf(request.from, key, making);
  if ('kind' in sender) return sender;
  const nowMs = making.clock.now();
  const recipients = recipientsOf(request);
  if ('detail' in recipients) return faulty(recipients);
  const notBeforeMs = scheduleOf(request, nowMs);
  if (typeof notBeforeMs !== 'number') return faulty(notBeforeMs);
  const bounded = withinBounds(request);
  if (bounded !== null) return faulty(bounded);
  const texts = textsOf(request, {
    key,
    templates: making.templates,
    address: recipients[0]?.address ?? '',
    nowMs,
  });
  if ('kind' in texts) return texts;
  const letter = letterOf(request, texts);
  if ('kind' in letter) return letter;
  const stream = request.stream ?? 'transactional';
  const usualMs = stream === 'bulk' ? making.expiryMs : (making.expiryTransactionalMs ?? making.expiryMs);
  const lifetimeMs = request.lifetimeSeconds === undefined ? usualMs : request.lifetimeSeconds * 1000;
  const mail = {
    via: 'http',
    owner: key.id,
    domain: sender.name,
    author: sender.author,
    subject: texts.subject.slice(0, longestSubjectCharacters),
    stream,
    sandbox: key.sandbox || sender.sandbox,
    recipients,
    submitter: null,
    requireTls: request.requireTls ?? false,
    tags: request.tags ?? [],
    metadata: request.metadata ?? {},
    notBeforeMs,
    lifetimeMs,
    idempotency,
  } as const;
  return { mail, letter, links: linksOf(request), nowMs };
}

const dayMs = 24 * 60 * 60 * 1000;

function linksOf({ attachmentLinks }: MessageRequest): LinkWishes {
  const { password, days, downloads } = attachmentLinks ?? {};
  return {
    password: password ?? null,
    lifetimeMs: days === undefined ? null : days * dayMs,
    downloads: downloads ?? null,
  };
}

function faulty(fault: Fault): Problem {
  return problem('invalid-body', { faults: [fault] });
}

/** Whom it is from, and whether this key may send so. */
function senderOf(
  from: string,
  key: AccessKey,
  making: MailMaking,
): (SenderDomain & { readonly author: string }) | Problem {
  const parsed = parseMailbox(from);
  if (!parsed.ok) return faulty({ field: 'from', detail: parsed.text });
  const { localPart, domain } = parsed.mailbox.address;
  const sender = making.senderOf(domain);
  const faults: readonly Fault[] = [{ field: 'from', detail: { ja: domain, en: domain } }];
  // Whoever may not use a domain does not learn whether it is set up.
  if (sender === null)
    return problem(key.domains === null ? 'sender-unknown' : 'domain-not-allowed', { faults });
  if (!allowsDomain(key, sender.name)) return problem('domain-not-allowed', { faults });
  if (!sender.verified && !key.sandbox) return problem('domain-not-verified', { faults });
  return { ...sender, author: `${localPart}@${domain}` };
}

function scheduleOf({ scheduledAt }: MessageRequest, nowMs: number): number | Fault {
  if (scheduledAt === undefined) return 0;
  const atMs = Date.parse(scheduledAt);
  if (Number.isNaN(atMs))
    return { field: 'scheduledAt', detail: { ja: '日時として読めません', en: 'is not a time' } };
  if (atMs - nowMs > furthestAheadMs)
    return { field: 'scheduledAt', detail: { ja: '1 年以内にしてください', en: 'must be within a year' } };
  return atMs <= nowMs ? 0 : atMs;
}

function withinBounds(request: MessageRequest): Fault | null {
  for (const field of ['headers', 'metadata'] as const) {
    const limit = recordBounds[field];
    if (Object.keys(request[field] ?? {}).length > limit)
      return { field, detail: { ja: `${limit} 件までにしてください`, en: `at most ${limit} are taken` } };
    const long = Object.keys(request[field] ?? {}).find((name) => name.length > longestNameCharacters);
    if (long !== undefined)
      return {
        field,
        detail: {
          ja: `名前は ${longestNameCharacters} 文字までです`,
          en: `names have at most ${longestNameCharacters} characters`,
        },
      };
  }
  return null;
}

const longestNameCharacters = 100;

function letterOf(
  request: MessageRequest,
  texts: { readonly subject: string; readonly html: string | null; readonly text: string | null },
): MailRequest | Problem {
  const attachments = attachmentsOf(request.attachments);
  if ('detail' in attachments) return faulty(attachments);
  return {
    from: request.from,
    to: asList(request.to),
    cc: asList(request.cc),
    replyTo: asList(request.replyTo),
    subject: texts.subject,
    html: texts.html,
    text: texts.text,
    headers: request.headers ?? {},
    attachments,
    unsubscribe: request.unsubscribe ?? null,
  };
}

/** What could not be composed, at the field where it stands in the request. */
function composeProblem({ failure, text, field }: ComposeFailure, request: MessageRequest): Problem {
  const detail = text ?? { ja: failure, en: failure };
  if (field === undefined) return problem('invalid-body', { detail });
  // A single address stands for a list of one.
  const [name = '', ...rest] = field.split('/');
  const isSingle =
    (name === 'to' || name === 'cc' || name === 'replyTo') && typeof request[name] === 'string';
  return faulty({ field: isSingle && rest.length > 0 ? name : field, detail });
}
