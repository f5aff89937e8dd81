import type { Stream } from '../events/index.ts';

/** Owner of notices to submitters: no key has this name, and their mails go out with the null reverse-path. */
export const noticeOwner = 'notices';

/** Where a body lies in the segment log. */
export type BodyPlace = { readonly segment: number; readonly offset: number; readonly octets: number };

/**
 * An RFC 5322 message as it will leave, but for our signatures: CRLF line ends, CRLF at the end, Message-ID and Date present,
 * no Bcc, no Return-Path.
 */
export type MailBody = {
  readonly bytes: Buffer;
  /** Octets above 127 stand in it (RFC 6152). */
  readonly eightBit: boolean;
  /** A header field has non-ASCII text (RFC 6532). */
  readonly smtpUtf8: boolean;
};

/** What a submitter wants to hear of a recipient (RFC 3461). */
export type NoticeRequest = {
  /** `never`, or some of the three; left out by the submitter: failure and delay. */
  readonly notify: 'never' | readonly ('success' | 'failure' | 'delay')[];
  /** ORCPT with its address type, as given. */
  readonly originalRecipient: string | null;
};

export type NewMailRecipient = {
  readonly address: string;
  /** Its domain in A-labels, lower case. */
  readonly domain: string;
  /** Which of the mail's bodies it gets. */
  readonly body: number;
  readonly notice: NoticeRequest | null;
};

/** One mail as an application hands it over: bodies, and each recipient with one of them. Everything is checked before. */
export type NewMail = {
  /** `m-…` from `newMailId`; the left side of its Message-ID unless the submitter gave one. */
  readonly id: string;
  readonly via: 'http' | 'smtp' | 'sendmail';
  /** The key or credential that handed it over. */
  readonly owner: string;
  /** config `domains[].name`: signs, and has the return path. */
  readonly domain: string;
  /** Address of From. */
  readonly author: string;
  /** At most 200 characters, decoded. */
  readonly subject: string;
  readonly stream: Stream;
  /** Captured instead of sent. */
  readonly sandbox: boolean;
  readonly bodies: readonly MailBody[];
  /** 1 to 1,000. */
  readonly recipients: readonly NewMailRecipient[];
  /** Where notices of delay and failure go; null: nowhere (HTTP). */
  readonly submitter: {
    readonly address: string;
    readonly envelopeId: string | null;
    readonly returns: 'full' | 'headers';
  } | null;
  readonly requireTls: boolean;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Milliseconds since 1970; 0: at once. */
  readonly notBeforeMs: number;
  /** Milliseconds from acceptance, or from `notBeforeMs` where that is later. */
  readonly lifetimeMs: number;
  /** Same owner and key within 24 hours: the same answer, or a conflict when the fingerprint differs. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
};

/** One message of it: to one recipient. */
export type AcceptedMessage = {
  /** `m-….1`: the mail, and which recipient of it. */
  readonly id: string;
  readonly address: string;
  readonly state: 'waiting' | 'suppressed' | 'captured';
};

/** It is on the disk: whatever happens from here on, it stands in the ledger and is sent. */
export type Accepted = {
  readonly kind: 'accepted';
  readonly id: string;
  readonly messages: readonly AcceptedMessage[];
  /** The answer of an earlier request with the same idempotency key. */
  readonly repeated: boolean;
};

export type AcceptFailure =
  /** The watermark of the disk: 507 and 452. */
  | { readonly kind: 'disk-full' }
  | { readonly kind: 'idempotency-conflict' }
  /** The process is ending: 503 and 421. */
  | { readonly kind: 'stopping' };

/** Where applications' mail is handed over. */
export interface Outbox {
  /** Resolves when it is durable; mails of one moment share a transaction. Several mails: all or none are accepted. */
  accept(mail: NewMail): Promise<Accepted | AcceptFailure>;
  acceptAll(mails: readonly NewMail[]): Promise<readonly Accepted[] | AcceptFailure>;
}
