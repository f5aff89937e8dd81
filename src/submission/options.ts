import type { AccessKey, Gate, RateLimiter } from '../access/index.ts';
import type { Clock } from '../base/index.ts';
import type { Outbox } from '../outbox/index.ts';
import type { Refusal } from '../net/smtp-server/index.ts';
import type { SubmissionRules } from './ports.ts';

export type SubmissionLimits = {
  readonly messageBytes: number;
  readonly recipients: number;
  readonly connections: number;
  readonly connectionsPerClient: number;
  /** Mails a minute of a key that has no limit of its own; null: none. */
  readonly mailsPerMinute: number | null;
  /** Mails coming in at a time may take so much memory together. */
  readonly memoryBytes: number;
  /** Silence of a client. */
  readonly idleMs: number;
  /** From DATA to the final dot. */
  readonly dataMs: number;
  /** A whole session, however busy. */
  readonly sessionMs: number;
};

export type SubmissionNews =
  | { readonly kind: 'accepted'; readonly id: string; readonly recipients: number; readonly key: string }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly key: string | null }
  | { readonly kind: 'login-failed'; readonly address: string };

/** What all doors of submission share. */
export type SubmissionParts = {
  readonly outbox: Pick<Outbox, 'accept'>;
  readonly gate: Gate;
  readonly limiter: RateLimiter;
  readonly clock: Clock;
  readonly rules: SubmissionRules;
  readonly limits: SubmissionLimits;
  /** AUTH without TLS from this machine's loopback addresses. */
  readonly clearLoopback: boolean;
  readonly onNews: (news: SubmissionNews) => void;
  /** A mail could not be taken: a fault of ours. */
  readonly onTrouble: (error: unknown) => void;
};

/** PEM texts. */
export type SubmissionTls = { readonly key: string; readonly cert: string };

/** Where a door is and what it demands. */
export type SubmissionPlace =
  | {
      /** `starttls`: port 587; `implicit`: port 465 (RFC 8314). */
      readonly kind: 'starttls' | 'implicit';
      /** Port 0: a free one. */
      readonly listen: { readonly host: string; readonly port: number };
      /** Which key of the configuration names it. */
      readonly configKey: string;
      readonly tls: SubmissionTls;
    }
  | {
      /** A socket in the file system: whoever may open it may send, as with /usr/sbin/sendmail. */
      readonly kind: 'local';
      readonly path: string;
      readonly key: AccessKey;
    };
