import type { ListingHistory } from '../cli/index.ts';
import { loadBlocklists } from '../deliverability/index.ts';
import type { ListingStore } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';

// Years of it, for somebody who is listed now and then.
const mostEvents = 1_000;

/** What lists were seen to say; `store` null: nothing was ever stored. */
export function listingHistory(store: ListingStore | null, subject: string | null): ListingHistory {
  if (store === null) return { asked: null, listed: [], events: [] };
  const { living, dead } = loadBlocklists(defaultKnowledgeFolder());
  const names = new Map([...living, ...dead].map(({ id, name }) => [id, name]));
  const nameOf = (id: string): string => names.get(id) ?? id;
  const known = store.listings().filter((each) => subject === null || each.subject === subject);
  const askedMs = Math.max(...known.map((each) => each.askedMs));
  return {
    asked: known.length === 0 ? null : timeText(askedMs),
    listed: known
      .filter(({ listed }) => listed)
      .map((each) => ({
        subject: each.subject,
        list: nameOf(each.list),
        answer: each.answer,
        since: timeText(each.sinceMs),
      })),
    events: store.events(subject, mostEvents).map(({ atMs, sinceMs, list, ...event }) => ({
      at: timeText(atMs),
      ...event,
      list: nameOf(list),
      since: sinceMs === null ? null : timeText(sinceMs),
    })),
  };
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
