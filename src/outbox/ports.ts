import type { FinalState, Waiting } from '../events/index.ts';
import type { BodyPlace } from './outbox.ts';

/** A message as it stands now. Times: milliseconds since 1970. */
export type MailRecord = {
  /** `m-….1` */
  readonly id: string;
  /** `m-…` */
  readonly mail: string;
  /** Row of the message table: events and `why` name it. */
  readonly messageId: number;
  readonly via: 'http' | 'smtp' | 'sendmail';
  readonly owner: string;
  readonly domain: string;
  readonly author: string;
  readonly address: string;
  readonly subject: string;
  readonly state: FinalState | 'waiting';
  /** While it waits and something is known. */
  readonly waiting: Waiting | null;
  readonly sandbox: boolean;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdMs: number;
  readonly notBeforeMs: number;
  readonly expiresMs: number;
  /** null: its body is no longer kept. */
  readonly body: BodyPlace | null;
};

export type MailFilter = {
  /** Domains that may be seen; null: all. */
  readonly domains: readonly string[] | null;
  readonly address?: string;
  readonly state?: MailRecord['state'];
  readonly tag?: string;
  readonly sandbox?: boolean;
  readonly sinceMs?: number;
  readonly untilMs?: number;
};

/** Newest first; `next` null: that was the last page. */
export type MailPage = { readonly messages: readonly MailRecord[]; readonly next: string | null };

/** What the API asks of the store; synchronous, like all of the store. */
export interface MailStore {
  /** `m-…`: all its messages; `m-….2`: that one; empty when there is none. */
  find(id: string): readonly MailRecord[];
  /** `cursor`: `next` of an earlier page. */
  list(filter: MailFilter, page: { readonly limit: number; readonly cursor: string | null }): MailPage;
  /** Cancels what still waits of a mail or message; returns how many. What is under way may still leave. */
  cancel(id: string): number;
  /** The bytes of a body as they were accepted; null: no longer kept. */
  body(place: BodyPlace): Buffer | null;
}
