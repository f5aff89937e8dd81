/** Where a filter listens. */
export type FilterPlace = { readonly host: string; readonly port: number };

/** How the mail came, for filters that look at it. */
export type FilterEnvelope = { readonly ip: string; readonly helo: string; readonly sender: string };

/** What a filter said of a mail. */
export type FilterWord =
  | {
      readonly kind: 'judged';
      readonly isSpam: boolean;
      readonly score: number;
      /** From which score on it is spam. */
      readonly threshold: number;
      readonly rules: readonly { readonly name: string; readonly score: number; readonly text: string }[];
    }
  | { readonly kind: 'failed'; readonly cause: string };

// An answer names each rule that hit, some hundred octets each.
export const longestAnswerOctets = 1_000_000;

/** A failure of the connection in one word: `ECONNREFUSED`. */
export function failure(error: unknown): FilterWord {
  if (!(error instanceof Error)) return { kind: 'failed', cause: String(error) };
  return { kind: 'failed', cause: 'code' in error ? String(error.code) : error.message };
}
