import type { Language } from '../base/index.ts';
import type { AddressTally } from '../deliverability/index.ts';
import type { ListingEvent } from '../events/index.ts';

/** A list to look through. `write`: a CSV to write with everything that was found; null: none. */
export type AddressListRequest = {
  readonly file: string;
  readonly write: string | null;
  readonly language: Language;
};

export type AddressListWatch = {
  readonly signal: AbortSignal;
  readonly reading: (bytesRead: number, bytesTotal: number, rows: number) => void;
};

/** `rows` = `addresses` + `duplicates` + `unreadable`. */
export type AddressListAnswer = AddressTally & {
  readonly subject: string;
  readonly rows: number;
  readonly duplicates: number;
  readonly unreadable: number;
};

/** The answer of `todoku check blocklists --history`. Times are ISO 8601. */
export type ListingHistory = {
  /** When lists were asked last; null: never. */
  readonly asked: string | null;
  readonly listed: readonly ListedNow[];
  /** Newest first. */
  readonly events: readonly (Pick<ListingEvent, 'subject' | 'change' | 'answer'> & {
    readonly at: string;
    readonly list: string;
    readonly since: string | null;
  })[];
};

/** `list`: its name. */
export type ListedNow = {
  readonly subject: string;
  readonly list: string;
  readonly answer: string;
  readonly since: string;
};
