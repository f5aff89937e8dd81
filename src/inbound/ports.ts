import type { MessageState, ReturnedEvent, ReturnedTaken } from '../events/index.ts';

/** Where the news goes. Synchronous, as the DeliveryStore is. */
export interface ReturnedStore {
  /**
   * One durable transaction: when it returns, everything in it survives a power cut. The same `digest` twice is one event.
   * Throws `StorageFull` when the disk takes nothing now; then nothing of the batch is there.
   */
  take(batch: readonly ReturnedEvent[]): ReturnedTaken;
}

/** A message of ours, as matching needs it. */
export type SentMessage = {
  readonly id: number;
  readonly address: string;
  readonly state: MessageState;
  /** When it reached that state, milliseconds since the epoch; null while it waits. */
  readonly settledMs: number | null;
};

/** Finds the message that came back; read-only. */
export interface SentMessages {
  byId(id: number): SentMessage | null;
  /** By a Message-ID that we made, with or without brackets; null for any other text. */
  byMessageIdHeader(text: string): SentMessage | null;
}

/** Somebody asked by mail to be left alone; the token of that message's List-Unsubscribe proves who. */
export type UnsubscribeRequest = {
  readonly messageId: number;
  readonly address: string;
  readonly atMs: number;
  readonly via: ReturnedEvent['via'];
};

export interface UnsubscribeStore {
  /** One durable transaction, as `ReturnedStore.take`; the same address twice is one suppression. */
  unsubscribe(batch: readonly UnsubscribeRequest[]): void;
}

/** Mail for people at postmaster@ and abuse@, and what no reader understood. */
export interface KeptMail {
  /** Durable when it returns, now or since before. false: there is no room within the bound. Throws `StorageFull`. */
  keep(mail: Uint8Array, digest: string): boolean;
}

/** Reads a DMARC or TLS report and stores it. */
export interface ReportTaker {
  /** Durable when it returns; false: no report in it. Throws `StorageFull`. */
  take(mail: Uint8Array): boolean;
}
