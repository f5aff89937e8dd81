import type { Bilingual } from '../base/index.ts';
import type { MessageState } from '../events/index.ts';

/** A link that opens nothing: its seal is not ours, or its time is over. */
export type ClosedLink = { readonly kind: 'forged' | 'expired' };

/** What a recipient says about the mail, or about the test mail. */
export type RecipientWord = 'missed' | 'found' | 'test-missed' | 'test-arrived';

export const recipientWords: readonly RecipientWord[] = ['missed', 'found', 'test-missed', 'test-arrived'];

/** What the holder of a private link is shown about that one mail. */
export type MissedMail = {
  readonly kind: 'mail';
  /** `t•••@example.jp`: enough to know one's own address by. */
  readonly to: string;
  readonly senderDomain: string;
  readonly acceptedMs: number;
  readonly state: MessageState;
  readonly meaning: Bilingual;
  /** What the recipient can do, at his provider. */
  readonly steps: { readonly ja: readonly string[]; readonly en: readonly string[] };
  /** Name of the provider; null: none that is known. */
  readonly provider: Bilingual | null;
  /** What he said last about the mail; null: nothing yet. */
  readonly said: 'missed' | 'found' | null;
  readonly test: TestMail;
};

/** Where the test mail stands. */
export type TestMail = {
  readonly last: {
    readonly atMs: number;
    /** What the receiving server did: took it, put it off, or refused it. */
    readonly end: 'taken' | 'later' | 'refused';
    readonly said: 'test-missed' | 'test-arrived' | null;
  } | null;
  /** Why none can be asked for now; null: one can. */
  readonly refusal: 'suppressed' | 'too-soon' | 'too-many' | null;
};

/** "It did not arrive": what the page asks of the product. */
export interface NotArrivedDesk {
  open(token: string): MissedMail | ClosedLink;
  /** Puts a word on record; the same word again is one. */
  say(token: string, word: RecipientWord): void;
  /** Sends a test mail, unless `refusal` says otherwise. Ends when the receiver has answered, or time is up. */
  sendTest(token: string): Promise<void>;
}

/** Leaving a list by the link of a mail. */
export interface UnsubscribeDesk {
  open(
    token: string,
  ):
    | { readonly kind: 'mail'; readonly to: string; readonly senderDomain: string; readonly left: boolean }
    | ClosedLink;
  /** Durable when it returns; again changes nothing. */
  leave(token: string, how: 'one-click' | 'page'): void;
}
