import type { BodyPlace } from './outbox.ts';

/** Which body of which mail. */
export type BodyKey = { readonly mailId: number; readonly number: number };

export type PlacedBody = BodyKey & { readonly place: BodyPlace };

/** What keeping house asks of a store. Each call is a small step, so that nobody waits behind it. */
export interface KeepingStore {
  /**
   * Looks at up to `limit` bodies of a segment, oldest first, behind `after`, and forgets where those lie of which no message
   * waits, or was settled later than `settledBeforeMs`. Gives where it stopped; null: nothing older than that is left to look at.
   */
  forgetOld(step: {
    readonly segment: number;
    readonly after: BodyKey;
    readonly settledBeforeMs: number;
    readonly limit: number;
  }): BodyKey | null;
  /** What is still wanted of a segment. */
  left(segment: number): { readonly bodies: number; readonly octets: number };
  bodiesIn(segment: number, limit: number): readonly PlacedBody[];
  /** They lie elsewhere now. */
  moved(bodies: readonly { readonly from: PlacedBody; readonly to: BodyPlace }[]): void;
  /** They cannot be read any more. */
  lose(bodies: readonly BodyKey[]): void;
  /** Removes up to `limit` answers that count no more; true when there may be more of them. */
  pruneAnswers(nowMs: number, limit: number): boolean;
}

/** The files that bodies lie in. */
export type BodySegments = {
  append(bodies: readonly Buffer[]): Promise<readonly BodyPlace[]>;
  segments(): readonly { readonly number: number; readonly octets: number; readonly isCurrent: boolean }[];
  remove(segment: number): void;
};
