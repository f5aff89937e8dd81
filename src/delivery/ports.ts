import type { ComposedMessage, ComposeFailure } from '../compose/index.ts';
import type { FinalState, MessageEvent, Outcome, OutcomeReading, Stream, Waiting } from '../events/index.ts';
import type { SendingWindow } from './sending-window.ts';
import type { SourceDay } from './warm-up.ts';

/** A message that waits for its turn: all that routing needs; 1,000,000 of them fit in memory as ids. */
export type QueuedMessage = {
  readonly id: number;
  readonly campaignId: number;
  readonly domain: string;
  /** Attempts made before, 0 for a fresh one. */
  readonly attempts: number;
  /** Outcomes of kind `unknown` among them. */
  readonly unknowns: number;
  /** When it may be tried; 0 for a fresh one. */
  readonly notBeforeMs: number;
  readonly expiresMs: number;
  /** IANA name of the recipient's time zone, as the list gives it; null: it does not. */
  readonly timezone: string | null;
};

/** What the engine needs to know of a campaign that is open. */
export type OpenCampaign = {
  readonly id: number;
  readonly stream: Stream;
  /** When it may be sent; null: at any time. */
  readonly window: SendingWindow | null;
  /** Of its recipients, where the list does not say; null: unknown. */
  readonly timezone: string | null;
  /** Its newest message: what is added later is told of by `Engine.arrived`. */
  readonly lastId: number;
};

/** A message that was stored since the run began. */
export type ArrivedMessage = QueuedMessage & { readonly stream: Stream };

/** The rest of it, read just before composing. */
export type MessageRow = {
  readonly id: number;
  readonly campaignId: number;
  readonly address: string;
  readonly domain: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Attempts made before, and the outcomes of kind `unknown` among them. */
  readonly attempts: number;
  readonly unknowns: number;
  readonly expiresMs: number;
  /** Of a mail whose bytes are stored; left out: it is composed of its campaign's content. */
  readonly mail?: StoredMail;
};

/** Where the bytes of a message lie, and what has to be known to send them. */
export type StoredMail = {
  readonly place: { readonly segment: number; readonly offset: number; readonly octets: number };
  /** Whose signature and return path it gets. */
  readonly domain: string;
  readonly eightBit: boolean;
  readonly smtpUtf8: boolean;
  readonly requireTls: boolean;
  /** It goes out with the null reverse-path. */
  readonly nullSender?: true;
};

/** What becomes of a message after one event. */
export type Settlement = {
  readonly event: MessageEvent;
  /** What it adds to the counts of a source that is being warmed up. */
  readonly sourceDay?: SourceDay;
  readonly next:
    | { readonly state: FinalState }
    | {
        readonly state: 'waiting';
        readonly waiting: Waiting;
        readonly attempts: number;
        readonly unknowns: number;
      };
};

/** A stop of one egress path, visible to `why` for every message behind it. */
export type PathHold = {
  readonly site: string;
  /** Domains that the site serves as far as seen. */
  readonly domain: string;
  readonly source: string | null;
  readonly because: string;
  readonly detail: string;
  readonly untilMs: number;
};

/** What the engine asks of a store. Calls are synchronous: the store is embedded, reads are pages, and one thread writes. */
export interface DeliveryStore {
  /** Open campaigns that have recipients, oldest first; of those given, or all. */
  openCampaigns(ids?: readonly number[]): readonly OpenCampaign[];
  /** Unsettled messages with id > `afterId`, in id order: of all open campaigns, or of one. */
  queuedPage(afterId: number, limit: number, campaignId?: number): readonly QueuedMessage[];
  /** Rows by id, in the order asked; ids that are settled or unknown are missing. */
  messageRows(ids: readonly number[]): readonly MessageRow[];
  /** One durable transaction: when it returns, everything in it survives a power cut. Settlements of messages that are already final are dropped and counted. */
  commit(
    settlements: readonly Settlement[],
    holds: readonly PathHold[],
    releases: readonly PathHold[],
  ): { readonly dropped: number };
  /** Number of unsettled messages of open campaigns. */
  waitingCount(): number;
}

/** Where a carrier reads the rows of its messages, just before composing. */
export type RowSource = Pick<DeliveryStore, 'messageRows'>;

/** Makes the bytes of one message: template, stamp, signature. Never throws. */
export interface Composer {
  compose(
    message: MessageRow,
  ): (ComposedMessage & { readonly returnPath: string; readonly requireTls?: boolean }) | ComposeFailure;
}

/** What the knowledge base says about an outcome. */
export interface Reader {
  read(outcome: Outcome, place: { readonly mxHost: string | null; readonly domain: string }): OutcomeReading;
}
