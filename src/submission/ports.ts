import type { AccessKey } from '../access/index.ts';
import type { NewMailRecipient } from '../outbox/index.ts';

/** What stands fast about this door. */
export type SubmissionRules = {
  /** In the greeting and in Received. */
  readonly hostname: string;
  /** Received does not say who handed the mail over. */
  readonly hideClient: boolean;
  /** How long a mail may take, from acceptance on. */
  readonly lifetimeMs: number;
  /** config `domains[].name` that mail of a domain is sent for: itself or a parent; null: none. */
  readonly sendingDomain: (domain: string) => string | null;
  /** Whether mail of that domain (as `sendingDomain` gives it) is captured instead of sent; left out: none is. */
  readonly isSandbox?: (domain: string) => boolean;
  /** `m-…` */
  readonly newId: () => string;
};

/** MAIL and RCPT, checked. */
export type SubmissionEnvelope = {
  /** null: the null reverse-path. */
  readonly sender: string | null;
  /** ENVID (RFC 3461 §4.4), decoded. */
  readonly envelopeId: string | null;
  readonly returns: 'full' | 'headers';
  readonly requireTls: boolean;
  readonly smtpUtf8: boolean;
  readonly recipients: readonly NewMailRecipient[];
};

/** Who handed it over. */
export type SubmissionClient = {
  /** IP address; null: a program of this machine, by the local socket. */
  readonly address: string | null;
  /** What it called itself in EHLO. */
  readonly helo: string;
  /** `ESMTPSA` and the like (RFC 3848, RFC 6531 §4.3). */
  readonly protocol: string;
};

/** A mail as the client sent it, dots unstuffed. */
export type Submission = {
  readonly bytes: Buffer;
  readonly envelope: SubmissionEnvelope;
  readonly client: SubmissionClient;
  readonly key: AccessKey;
  readonly via: 'smtp' | 'sendmail';
  readonly nowMs: number;
};
