import type { Bilingual } from '../base/index.ts';
import { noticeOwner } from '../outbox/index.ts';
import type { BodyPlace, NewMail } from '../outbox/index.ts';
import { composeDsn } from '../protocol/dsn/index.ts';
import type { DsnRecipient } from '../protocol/dsn/index.ts';
import { formatAddress, formatMessageId, readAddress } from '../protocol/message/index.ts';
import type { DueNotice } from './ports.ts';

export type NoticeMaking = {
  /** config `delivery.hostname` */
  readonly hostname: string;
  readonly nowMs: number;
  /** `m-…` of the notice. */
  readonly id: string;
  /** How long the notice itself may take. */
  readonly lifetimeMs: number;
  readonly readBody: (place: BodyPlace) => Buffer | null;
  /** What it means and what to do. */
  readonly explain: (notice: DueNotice) => Bilingual;
};

/** The notice as a mail for the outbox; null: nobody can be told. */
export function noticeMail(notice: DueNotice, making: NoticeMaking): NewMail | null {
  const to = readAddress(notice.submitter);
  if (typeof to === 'string') return null;
  const { id, nowMs, hostname, lifetimeMs } = making;
  const from = `MAILER-DAEMON@${notice.domain}`;
  const bytes = notice.body === null ? null : making.readBody(notice.body);
  const dsn = composeDsn({
    messageId: formatMessageId(id, notice.domain),
    dateMs: nowMs,
    from,
    to: notice.submitter,
    reportingHost: hostname,
    envelopeId: notice.envelopeId,
    arrivalMs: notice.acceptedMs,
    recipients: [recipientOf(notice, making.explain(notice))],
    subject: notice.subject,
    // RFC 3461 §4.3: only a failure returns the whole mail.
    original: bytes === null ? null : { bytes, part: notice.kind === 'failed' ? notice.returns : 'headers' },
  });
  return {
    id,
    via: 'smtp',
    // The null reverse-path, so that nothing is ever told of it (RFC 3464 §2).
    owner: noticeOwner,
    submitter: null,
    domain: notice.domain,
    author: from,
    subject: 'Delivery status notification',
    stream: 'transactional',
    sandbox: false,
    bodies: [{ bytes: dsn.bytes, eightBit: dsn.eightBit, smtpUtf8: false }],
    recipients: [{ address: formatAddress(to), domain: to.domain, body: 0, notice: null }],
    requireTls: false,
    tags: [],
    metadata: { about: notice.id },
    notBeforeMs: 0,
    lifetimeMs,
    // A crash between acceptance and writing that down tells nobody twice.
    idempotency: { key: `${notice.id} ${notice.kind}`, fingerprint: notice.kind },
  };
}

// RFC 3463: what nobody said otherwise. 4.4.7: delivery time expired; 4.4.1: no answer from host; 2.1.9: message relayed to a
// non-compliant mailer (RFC 6522's authors' name for what RFC 3461 §5.2.2 describes).
const statusOf = {
  expired: '4.4.7',
  failed: '5.0.0',
  delayed: '4.4.1',
  relayed: '2.1.9',
  suppressed: '5.7.1',
} as const;

function recipientOf(notice: DueNotice, explanation: Bilingual): DsnRecipient {
  const { kind, last, returned, recipient, originalRecipient, expiresMs } = notice;
  const common = { address: recipient, originalRecipient, action: kind, explanation };
  const retryUntilMs = kind === 'delayed' ? expiresMs : null;
  if (returned !== null && kind === 'failed') {
    return {
      ...common,
      status: returned.status ?? statusOf.failed,
      remoteHost: returned.remoteHost,
      said: { smtp: returned.replyCode !== null, text: returned.said },
      lastAttemptMs: returned.atMs,
      retryUntilMs,
    };
  }
  const outcome = last?.outcome ?? null;
  const usual = usualStatus(notice);
  if (outcome === null || outcome.origin === 'local') {
    const text = outcome?.text ?? last?.kind ?? 'not tried yet';
    const said = kind === 'relayed' ? null : { smtp: false, text };
    const lastAttemptMs = outcome === null ? null : (last?.atMs ?? null);
    return { ...common, status: usual, remoteHost: outcome?.host ?? null, said, lastAttemptMs, retryUntilMs };
  }
  const { code, status, lines } = outcome.reply;
  return {
    ...common,
    status: kind === 'relayed' ? usual : fitting(status, usual),
    remoteHost: outcome.host,
    said: { smtp: true, text: [`${code}${status === null ? '' : ` ${status}`}`, lines.join('\n')].join(' ') },
    lastAttemptMs: last?.atMs ?? null,
    retryUntilMs,
  };
}

function usualStatus({ kind, last }: DueNotice): string {
  if (kind !== 'failed') return statusOf[kind];
  if (last?.kind === 'suppressed') return statusOf.suppressed;
  return last?.kind === 'expired' || last?.outcome?.kind === 'deferred' ? statusOf.expired : statusOf.failed;
}

/** A status that speaks of success says nothing about a failure. */
function fitting(status: string | null, usual: string): string {
  return status === null || status.startsWith('2') ? usual : status;
}
