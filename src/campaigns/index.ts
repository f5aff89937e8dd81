import type { Content } from '../compose/index.ts';
import type { FinalState, Stream } from '../events/index.ts';

/** `preparing`: recipients are being stored, nothing may be sent; a crash then leaves nothing behind. */
export type CampaignState = 'preparing' | 'open' | 'finished' | 'cancelled';

export type Campaign = {
  readonly id: number;
  /** Public name, sortable: `c-01k…`. */
  readonly name: string;
  readonly state: CampaignState;
  readonly content: Content;
  /** Signing and return-path domain (config `domains[].name`). */
  readonly domain: string;
  readonly createdMs: number;
  /** Lifetime of its messages, milliseconds after creation. */
  readonly expiresMs: number;
  /** The list it goes to, whose suppressions count; absent: its own name is the list. */
  readonly list?: string;
  /** Absent: bulk. */
  readonly stream?: Stream;
  /** Hours in which it may be sent, `09:00-20:00`; absent: at any time. */
  readonly window?: string;
  /** IANA name of the time zone of recipients whose row does not say; absent: unknown. */
  readonly timezone?: string;
  /** Days since 1970-01-01, UTC: it holds the mail that applications handed over on that day, and has no content. */
  readonly mailDay?: number;
};

export type NewRecipient = {
  readonly address: string;
  readonly domain: string;
  readonly variables: Readonly<Record<string, string>>;
};

/** What campaigns ask of a store; synchronous, see DeliveryStore. */
export interface CampaignStore {
  create(campaign: Omit<Campaign, 'id' | 'state'>): Campaign;
  /** One durable transaction; suppressed addresses are stored with their final state at once. */
  addRecipients(
    campaignId: number,
    batch: readonly NewRecipient[],
  ): { readonly accepted: number; readonly suppressed: number };
  /** preparing → open; from here on its messages count as accepted. */
  open(campaignId: number): void;
  /** Removes a campaign that never opened, with all its rows. */
  discard(campaignId: number): void;
  cancel(campaignId: number, atMs: number): { readonly cancelled: number };
  byName(name: string): Campaign | null;
  byId(id: number): Campaign | null;
  withState(state: CampaignState): readonly Campaign[];
  /** open → finished for each campaign that has nothing waiting. */
  finishDone(): readonly Campaign[];
}

/** One row of the equation of promise 3. */
export type LedgerRow = {
  readonly campaign: string;
  readonly accepted: number;
  readonly waiting: number;
} & { readonly [State in FinalState]: number };

export type Ledger = {
  readonly ok: boolean;
  readonly total: LedgerRow;
  readonly campaigns: readonly LedgerRow[];
  /** What does not add up, in words; empty when ok. */
  readonly faults: readonly string[];
};

export { newCampaignName } from './campaign-name.ts';
export { createComposer } from './composer.ts';
export type { Sender } from './composer.ts';
export type { CampaignDraft, DraftStore } from './draft.ts';
export { contentCheck } from './content-check.ts';
export { messageIdHeader, parseMessageIdHeader } from './message-key.ts';
export { prepareCampaign } from './prepare.ts';
export type { CampaignIntake, Prepared, RecipientSource, SourcedRecipient } from './prepare.ts';
