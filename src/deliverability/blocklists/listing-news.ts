import type { ListingEvent } from '../../events/index.ts';
import type { ListWord } from './check-blocklists.ts';

/** The last word of a list that counts: whether it has a subject, and since when that is so. */
export type Listing = {
  readonly subject: string;
  readonly list: string;
  readonly listed: boolean;
  /** '' when it is not listed. */
  readonly answer: string;
  readonly sinceMs: number;
  /** When it was asked last. */
  readonly askedMs: number;
};

/** Where the watch keeps what lists said. */
export interface ListingStore {
  /** All last words. */
  listings(): readonly Listing[];
  record(listings: readonly Listing[], events: readonly ListingEvent[]): void;
  /** Newest first; `subject` null: of all. */
  events(subject: string | null, limit: number): readonly ListingEvent[];
}

/**
 * What is new in the words of lists about a subject. Only "listed" and "not listed" count: a list that refuses, is silent or cannot
 * be believed leaves what it said before as it was, so that nothing is ever called delisted because nobody answered.
 */
export function listingNews(
  subject: string,
  words: readonly ListWord[],
  { before, atMs }: { readonly before: readonly Listing[]; readonly atMs: number },
): { readonly listings: readonly Listing[]; readonly events: readonly ListingEvent[] } {
  const listings: Listing[] = [];
  const events: ListingEvent[] = [];
  for (const { list, answer } of words) {
    if (answer.kind !== 'listed' && answer.kind !== 'not-listed') continue;
    const last = before.find((each) => each.subject === subject && each.list === list.id);
    const now = answer.kind === 'listed' ? answer.answer : '';
    const isSame = last !== undefined && last.listed === (now !== '') && last.answer === now;
    const sinceMs = isSame || (last?.listed === true && now !== '') ? last.sinceMs : atMs;
    listings.push({ subject, list: list.id, listed: now !== '', answer: now, sinceMs, askedMs: atMs });
    if (isSame) continue;
    const about = { atMs, subject, list: list.id };
    // Another code of the same list is news too: an automatic entry that people have now confirmed.
    if (now !== '') events.push({ ...about, change: 'listed', answer: now, sinceMs: null });
    else if (last?.listed === true)
      events.push({ ...about, change: 'delisted', answer: last.answer, sinceMs: last.sinceMs });
  }
  return { listings, events };
}
