import type { Stream } from '../events/index.ts';
import type { Accepted, BodyPlace, NewMail } from './outbox.ts';

/** Where bodies are written; resolves when they are on the disk. */
export type BodyLog = { append(bodies: readonly Buffer[]): Promise<readonly BodyPlace[]> };

/** A mail whose bodies are on the disk. */
export type StorableMail = {
  readonly mail: NewMail;
  readonly places: readonly BodyPlace[];
  /** Message-ID that the submitter gave; null: it is made of the mail's id. */
  readonly messageId: string | null;
};

/** A message that was just stored and may be sent: what the engine wants to know of it. */
export type StoredMessage = {
  readonly id: number;
  readonly campaignId: number;
  readonly stream: Stream;
  readonly domain: string;
  readonly attempts: 0;
  readonly unknowns: 0;
  readonly notBeforeMs: number;
  readonly expiresMs: number;
  readonly timezone: null;
};

/** What became of the mails of one request. */
export type StoreResult =
  | {
      readonly kind: 'stored';
      readonly accepted: readonly Accepted[];
      readonly waiting: readonly StoredMessage[];
    }
  | { readonly kind: 'idempotency-conflict' };

/** What the outbox asks of a store; synchronous, like all of the store. */
export interface OutboxStore {
  /** What an earlier request with the same owner and idempotency key was answered: by mail, null where there was none. */
  earlier(mails: readonly NewMail[]): readonly (Accepted | null)[] | 'idempotency-conflict';
  /**
   * One durable transaction for several requests: when it returns, what it answers survives a power cut. Mails that an earlier
   * request, also one of the same call, has stored under their idempotency key are answered and not stored again.
   */
  store(requests: readonly (readonly StorableMail[])[], random: () => number): readonly StoreResult[];
}
