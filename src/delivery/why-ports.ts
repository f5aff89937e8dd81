import type { MessageEvent, MessageState, ReturnedEvent, Waiting } from '../events/index.ts';
import type { OpenCampaign, PathHold } from './ports.ts';
import type { Suspension } from './reaction.ts';

/** The facts of one message that do not change with its attempts, and its state. */
export type MessageFacts = {
  readonly id: number;
  /** Public name of its campaign, and the state of that campaign. */
  readonly campaign: string;
  readonly campaignOpen: boolean;
  /** The list it was sent to; its campaign's name where there is none. */
  readonly list: string;
  /** Signing domain of the campaign: the right side of the Message-ID. */
  readonly senderDomain: string;
  readonly address: string;
  readonly domain: string;
  readonly state: MessageState;
  /** When its campaign was opened (until then: created). Milliseconds since the epoch. */
  readonly acceptedMs: number;
  readonly expiresMs: number;
  /** Of a mail that an application handed over: `m-….1`, and its Message-ID; left out: of a campaign. */
  readonly mail?: { readonly id: string; readonly messageId: string };
  /** What may keep it for a window; as in `OpenCampaign`, and of the recipient as the list gives it. */
  readonly sending: Pick<OpenCampaign, 'stream' | 'window' | 'timezone'> & {
    readonly recipientTimezone: string | null;
  };
};

/** A reason not to send to an address, as contacts keep it, and how it ended; `ended` null: it is in force. */
export type SuppressionFacts = {
  readonly address: string;
  readonly scope: 'address' | 'list' | 'domain';
  readonly list: string | null;
  readonly reason: string;
  /** Who or what put it there; `message:4711` when the policy did, after that message. */
  readonly source: string;
  readonly atMs: number;
  readonly note: string;
  readonly verdict: string | null;
  readonly evidence: string | null;
  readonly untilMs: number | null;
  readonly ended: {
    readonly by: 'lapsed' | 'replaced' | 'lifted';
    readonly atMs: number;
    readonly because: string;
    readonly source: string;
  } | null;
};

/** What `why` asks of a store; read-only, also while another process works on the same data folder. */
export interface WhyStore {
  /** Messages to an address (case-insensitive), oldest first; at most the newest 100. Never those of campaigns in preparation. */
  messagesOf(address: string): readonly MessageFacts[];
  messageById(messageId: number): MessageFacts | null;
  messageByKey(campaign: string, messageId: number): MessageFacts | null;
  /** Messages of applications' mail: by `m-…`, `m-….2`, or a Message-ID, in the order of the recipients; at most 100. */
  messagesOfMail(id: string): readonly MessageFacts[];
  /** Oldest first. */
  eventsOf(messageId: number): readonly MessageEvent[];
  /** News about it that came back, in the order in which we got it; at most the newest 100. */
  returnedOf(messageId: number): readonly ReturnedEvent[];
  /** The message's own wait after an attempt; null when it has not been tried yet or is final. */
  waitingOf(messageId: number): Waiting | null;
  /** What holds a whole campaign, by its public name; null: nothing that is in force at that time. */
  campaignHold(campaign: string, nowMs: number): Suspension | null;
  /** Holds in force on the ways to a domain, whatever their `untilMs`. */
  holdsFor(domain: string): readonly PathHold[];
}
