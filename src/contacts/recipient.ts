import type { Bilingual } from '../base/index.ts';
import type { ListEncoding } from './encoding.ts';

/** One accepted row. */
export type ImportedRecipient = {
  /** Line of the file on which the record starts, from 1. */
  readonly line: number;
  /** Normalised: half-width, trimmed, domain in lower-case ASCII (IDNA); see `GoodAddress.text`. */
  readonly address: string;
  readonly domain: string;
  /** Every named column by its header name as written (trimmed); `email` always present, and normalised. */
  readonly variables: Readonly<Record<string, string>>;
};

/** One row that was left out, and why. */
export type RejectedRow = {
  readonly line: number;
  /** The record's text as in the file, at most 500 characters. */
  readonly text: string;
  readonly code:
    | 'bad-address'
    | 'broken-quoting'
    | 'missing-column'
    | 'duplicate'
    | 'too-long'
    | 'undecodable'
    | 'column-count';
  readonly reason: Bilingual;
};

export type ImportSummary = {
  readonly encoding: string;
  readonly columns: readonly string[];
  /** accepted + rejected + duplicates. Blank lines are no rows. */
  readonly rows: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly duplicates: number;
  /** Addresses changed by normalising (full-width letters, spaces, `＠`), with up to 20 examples. */
  readonly normalised: {
    readonly count: number;
    readonly examples: readonly { readonly line: number; readonly from: string; readonly to: string }[];
  };
};

export type ImportListener = {
  /** Batches of up to 1,000, in file order; the reader waits for the returned promise. */
  accepted(batch: readonly ImportedRecipient[]): void | Promise<void>;
  /** The cell of a row that is accepted, before normalising changed it; told before `accepted`. */
  normalised?(line: number, written: string): void;
  /** Duplicates too, with code `duplicate`; in file order among themselves. */
  rejected(row: RejectedRow): void;
  progress?(bytesRead: number, bytesTotal: number, rows: number): void;
};

export type ImportOptions = {
  /** Stops the reading before the next chunk or batch; the promise then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Overrides the detection. */
  readonly encoding?: ListEncoding | undefined;
  /** Bytes read at once, default 65,536. */
  readonly chunkBytes?: number | undefined;
  /** What makes two rows duplicates; default `suppressionKey` of the address. */
  readonly duplicateKey?: ((recipient: ImportedRecipient) => string) | undefined;
  /** Randomness of the duplicate check, see `addressSet`; default from the system. */
  readonly salt?: string | undefined;
};
