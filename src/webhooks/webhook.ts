import type { EventType } from './event-type.ts';
import type { Position } from './position.ts';

/** A secret that signs; two are valid while one takes over from the other. */
export type WebhookSecret = {
  /** `whsec_…` */
  readonly text: string;
  /** Milliseconds since 1970; null: until it is replaced. */
  readonly untilMs: number | null;
};

/** Why an endpoint gets nothing now, and when it is tried again. */
export type WebhookPause = {
  readonly because: 'endpoint-failing' | 'endpoint-gone' | 'asked-to-wait';
  /** What the endpoint, or the way to it, said last. */
  readonly said: string;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** Pauses in a row without a success between them. */
  readonly times: number;
};

/** Where events go. */
export type Webhook = {
  /** `w-…` */
  readonly id: string;
  readonly url: string;
  readonly description: string;
  /** null: all. */
  readonly types: readonly EventType[] | null;
  /** Sender domains; null: all. */
  readonly domains: readonly string[] | null;
  /** Key that made it; null: the command line. */
  readonly owner: string | null;
  /** Newest first; one or two. */
  readonly secrets: readonly WebhookSecret[];
  readonly createdMs: number;
  readonly pause: WebhookPause | null;
  /** Everything up to here is done, or is on the list of deliveries. */
  readonly position: Position;
};

/** One event on its way to one endpoint. */
export type WebhookDelivery = {
  readonly position: Position;
  readonly messageId: number;
  readonly attempts: number;
  /** First attempt; null: none yet. Milliseconds since 1970, as below. */
  readonly firstMs: number | null;
  /** 0: at once. */
  readonly dueMs: number;
  /** What the last attempt ended in; '' before it. */
  readonly said: string;
};

/**
 * Events between two positions: those to be put on the list. Not taken when the endpoint stands elsewhere by now, because
 * somebody had it go back.
 */
export type TakenEvents = {
  readonly from: Position;
  readonly to: Position;
  readonly deliveries: readonly WebhookDelivery[];
};

/** What became of deliveries of one endpoint; all of it is durable, or none. */
export type WebhookProgress = {
  readonly webhook: string;
  /** What was read of the feed; null: nothing. */
  readonly taken: TakenEvents | null;
  readonly done: readonly Position[];
  /** To be tried again. */
  readonly later: readonly WebhookDelivery[];
  /** Given up. */
  readonly dead: readonly WebhookDelivery[];
  /** null: as before; `'none'`: ended. */
  readonly pause: WebhookPause | 'none' | null;
};

export type WebhookCounts = { readonly waiting: number; readonly dead: number };

/** Webhooks and their deliveries; synchronous, like all of the store. */
export interface WebhookStore {
  /** Grows with each call that people made: add, change, remove, revive, rewind, resume. */
  readonly version: number;
  add(webhook: Webhook): void;
  list(): readonly Webhook[];
  find(id: string): Webhook | null;
  /** Changes what people set; false: there is none. */
  change(
    id: string,
    to: Partial<Pick<Webhook, 'url' | 'description' | 'types' | 'domains' | 'secrets'>>,
  ): boolean;
  /** With its deliveries; false: there is none. */
  remove(id: string): boolean;
  /** Not for endpoints that were removed meanwhile. */
  progress(steps: readonly WebhookProgress[]): void;
  /** Deliveries that are not done and not given up, in order. */
  waiting(id: string): readonly WebhookDelivery[];
  counts(id: string): WebhookCounts;
  /** Given up, newest first. */
  dead(id: string, limit: number): readonly WebhookDelivery[];
  /** Puts what was given up back on the list, due at once; gives how many. */
  revive(id: string): number;
  /** Everything behind that place is sent again, and what waits still waits. false: there is none. */
  rewind(id: string, to: Position): boolean;
  /** false: there is none, or it is not paused. */
  resume(id: string): boolean;
}
