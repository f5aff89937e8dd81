import type { Bilingual } from '../base/index.ts';

/** One accepted row. */
export type ImportedRecipient = {
  /** Line of the file on which the record starts, from 1. */
  readonly line: number;
  /** Normalised: half-width, trimmed, domain in lower-case ASCII (IDNA); local part unquoted and as written. */
  readonly address: string;
  readonly domain: string;
  /** Every column by its header name as written (trimmed), `email` always present. */
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
  rejected(row: RejectedRow): void;
  progress?(bytesRead: number, bytesTotal: number, rows: number): void;
};

export { suppressionKey } from './suppression.ts';
export type {
  Suppression,
  SuppressionPage,
  SuppressionQuery,
  SuppressionReason,
  SuppressionRemoval,
  SuppressionStore,
} from './ports.ts';
