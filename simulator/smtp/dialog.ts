import type { SecureContext } from 'node:tls';
import type { Clock } from '../../src/base/index.ts';
import type { Decision, Session, SmtpHooks } from './decision.ts';
import type { Keep } from './mail-data.ts';

export type SmtpServerOptions = {
  /** Name in the banner and the EHLO reply. */
  readonly hostname: string;
  readonly hooks: SmtpHooks;
  readonly keep: Keep;
  readonly sizeLimitOctets: number;
  readonly chunking: boolean;
  readonly startTls: 'none' | 'offered' | 'required';
  /** Needed unless `startTls` is `none`. */
  readonly secureContext: SecureContext | null;
  readonly clock: Clock;
};

/** What a command can see and do of its connection. */
export interface Dialog {
  readonly options: SmtpServerOptions;
  readonly session: Session;
  readonly mayStartTls: boolean;
  readonly recipients: readonly string[];
  readonly smtpUtf8: boolean;
  readonly from: string | null;
  /** true while a message comes in pieces by BDAT. */
  readonly chunked: boolean;
  greeted: boolean;
  /** Adds a reply to the batch that is written when the bytes at hand are used up (RFC 2920 §3.2). */
  reply(text: string): void;
  /** A reply to a client's error; too many of them end the session. */
  mistake(text: string): void;
  /** Replies, then closes. */
  end(text: string): void;
  /** Carries a decision out; `accepted` runs now, after a delay, or never. */
  decide(decision: Decision, accepted: (text: string | undefined) => void): void;
  beginTransaction(from: string, smtpUtf8: boolean): void;
  addRecipient(path: string): void;
  resetTransaction(): void;
  /** The bytes that follow are mail data up to the final dot. */
  expectDotted(): void;
  /** The next octets are mail data as they stand (RFC 3030 §2). */
  expectChunk(octets: number, last: boolean): void;
  startTls(): void;
}
