import type { OutcomeReading } from './event.ts';

/** What kind of news came back: by a mail, or from the recipient on his page. */
export type ReturnedKind =
  | 'bounced-later' // accepted once, and then not delivered after all (RFC 3464 `failed`, or an old form of it)
  | 'delay-notice' // a host on the way still tries
  | 'complained' // the recipient called it junk and the provider told us (RFC 5965)
  | 'auto-replied' // a vacation notice: somebody reads there (RFC 3834)
  | 'answered' // an ordinary mail to a return path: a person's answer, or what no reader understood
  | 'delivery-notice' // delivered, relayed or expanded (RFC 3464 §2.3.3)
  | 'missed' // the recipient says on his page that it has not come
  | 'found' // he says that it has
  | 'test-sent' // he asked for a test mail; `reading.detail` is the kind of its outcome, `said` the receiver's words
  | 'test-arrived' // he says that the test mail came
  | 'test-missed'; // he says that it did not

/** What tied the news to a message. */
export type ReturnedMatch = 'return-path' | 'message-id' | 'headers' | 'link';

/** News about one recipient of one message, read out of a mail that came back. */
export type ReturnedEvent = {
  readonly kind: ReturnedKind;
  /** null: matched to no message of ours. */
  readonly messageId: number | null;
  readonly matchedBy: ReturnedMatch | null;
  /**
   * true only when the match is proved by our own seal: the signed return path, or a sealed token in the returned
   * headers. Only trusted news changes a state or suppresses an address.
   */
  readonly trusted: boolean;
  /** The address that the news is about; null when the mail does not say. */
  readonly recipient: string | null;
  /** Milliseconds since the epoch: when we got it. */
  readonly atMs: number;
  /** Of the mail's bytes: the same mail taken twice is one event for each recipient. */
  readonly digest: string;
  readonly reading: OutcomeReading;
  /** Nothing sent there will ever arrive. */
  readonly hardBounce: boolean;
  /** Whose turn it is: one of the knowledge base's parties. */
  readonly party: string;
  readonly replyCode: number | null;
  /** RFC 3463, `5.1.1`. */
  readonly status: string | null;
  /** The receiver's own words, at most 1,000 characters are kept. */
  readonly said: string;
  /** Who refused it, as the report says (Remote-MTA). */
  readonly remoteHost: string | null;
  /** RFC 5965 Feedback-Type; null when it is no complaint. */
  readonly feedbackType: string | null;
  /** Id of the provider in the knowledge base. */
  readonly provider: string | null;
  /** By which door it came in. */
  readonly via: 'smtp' | 'imap' | 'maildir' | 'file' | 'web';
};

/** What became of a batch: taken + duplicates = its length; unmatched is part of taken. */
export type ReturnedTaken = {
  readonly taken: number;
  /** The same news of the same mail was on record, or enough of its kind about the message. */
  readonly duplicates: number;
  /** Kept for the error history, without a message. */
  readonly unmatched: number;
};
