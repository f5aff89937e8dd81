import type { MessageEvent, ReturnedEvent } from '../events/index.ts';
import type { BodyPlace } from '../outbox/index.ts';

export type NoticeKind = 'failed' | 'delayed' | 'relayed';

/** Something that a submitter is to be told of one message. */
export type DueNotice = {
  readonly messageId: number;
  readonly kind: NoticeKind;
  /** `m-….1` */
  readonly id: string;
  readonly recipient: string;
  readonly submitter: string;
  readonly envelopeId: string | null;
  readonly originalRecipient: string | null;
  readonly returns: 'full' | 'headers';
  /** config `domains[].name` */
  readonly domain: string;
  readonly subject: string;
  readonly acceptedMs: number;
  readonly expiresMs: number;
  /** It waits no longer: a delay is not worth telling any more. */
  readonly isSettled: boolean;
  /** Last thing that happened to it; null: nothing yet. */
  readonly last: MessageEvent | null;
  /** News that turned its delivery into a bounce; null: it did not. */
  readonly returned: ReturnedEvent | null;
  /** null: no longer kept. */
  readonly body: BodyPlace | null;
};

/** What notices ask of the store; synchronous, like all of the store. */
export interface NoticeStore {
  /**
   * Writes down, once, what has waited since before a time and wants that told, and what arrived and wants that told. false:
   * there may be more.
   */
  find(acceptedBeforeMs: number): boolean;
  /** Oldest first. */
  due(limit: number): readonly DueNotice[];
  /** The notice is accepted, or is not worth telling: it is never told again. */
  told(notice: Pick<DueNotice, 'messageId' | 'kind'>, atMs: number): void;
}
