import type { Clock, Timer } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { askLists, isListable, listingNews } from '../deliverability/index.ts';
import type { Blocklist, ListingStore, ListWord } from '../deliverability/index.ts';
import type { ListingEvent } from '../events/index.ts';
import { createResolver } from '../net/dns/index.ts';
import { blocklistsInUse } from './blocklists-in-use.ts';
import { mostSubjectsAtOnce, ownSubjects } from './check-blocklists.ts';
import { inTurn } from './in-turn.ts';

export type ListingWatchParts = {
  readonly config: Config;
  readonly store: ListingStore;
  readonly clock: Clock;
  readonly random: () => number;
  readonly dnsServers: readonly string[];
};

export type ListingListener = {
  /** Written down already. */
  onChange(event: ListingEvent, list: Blocklist): void;
  /** Lists that gave no word about anything, told when others than last time. */
  onUnasked(lists: readonly Blocklist[]): void;
  onTrouble(error: unknown): void;
};

/** `stop` asks nothing more, and waits until what is under way has ended. */
export type ListingWatch = { stop(): Promise<void> };

// A service that is restarted again and again must not ask twenty lists each time; and many that start together, not at once.
const firstWaitMs = 60_000;
const spread = 0.1;

/** Watches on schedule what block lists say of our own sources and domains; throws an AppError for an account that cannot be used. */
export function watchListings(parts: ListingWatchParts, listener: ListingListener): ListingWatch {
  const { config, store, clock, random } = parts;
  const { watch, everyMs } = config.blocklists;
  const subjects = ownSubjects(config).filter(isListable);
  // The simulated internet has no block lists, and nothing of a rehearsal leaves the machine.
  const isReal = config.simulator.seed === null;
  if (!watch || !isReal || subjects.length === 0) return { stop: () => Promise.resolve() };
  // A wrong account is said now, and not a minute after the start.
  blocklistsInUse(config);
  const round = createRound(parts, subjects, listener);
  const ending = new AbortController();
  let work = Promise.resolve();
  let timer: Timer | null = null;
  const run = async (): Promise<void> => {
    try {
      await round(ending.signal);
    } catch (error) {
      listener.onTrouble(error);
    }
    plan(everyMs);
  };
  const plan = (waitMs: number): void => {
    if (ending.signal.aborted) return;
    timer = clock.after(waitMs * (1 + spread * random()), () => {
      work = run();
    });
  };
  const lastMs = Math.max(...store.listings().map(({ askedMs }) => askedMs), Number.NEGATIVE_INFINITY);
  // A clock that was set back would have us wait for years.
  plan(Math.min(Math.max(lastMs + everyMs - clock.now(), firstWaitMs), everyMs));
  return {
    async stop() {
      ending.abort();
      timer?.cancel();
      await work;
    },
  };
}

/** One look at everything; what was asked when the signal aborts is left unsaid. */
function createRound(
  { config, store, clock, dnsServers }: ListingWatchParts,
  subjects: readonly string[],
  listener: ListingListener,
): (signal: AbortSignal) => Promise<void> {
  let unasked = '';
  return async (signal) => {
    const lists = blocklistsInUse(config);
    const { timeoutMs, attempts, trustAd } = config.dns;
    const resolver = createResolver({ servers: dnsServers, timeoutMs, attempts, trustAd, clock });
    const close = (): void => resolver.close();
    signal.addEventListener('abort', close);
    try {
      const said = await inTurn(subjects, mostSubjectsAtOnce, async (subject) => {
        const words = await askLists(subject, { lists, resolver, clock });
        if (!signal.aborted) keep(subject, words, { store, clock, listener });
        return words;
      });
      const mute = muteLists(said.flat());
      const ids = mute.map(({ id }) => id).join();
      if (!signal.aborted && ids !== unasked && mute.length > 0) listener.onUnasked(mute);
      unasked = ids;
    } finally {
      signal.removeEventListener('abort', close);
      resolver.close();
    }
  };
}

type Keeping = Pick<ListingWatchParts, 'store' | 'clock'> & { readonly listener: ListingListener };

function keep(subject: string, words: readonly ListWord[], { store, clock, listener }: Keeping): void {
  const news = listingNews(subject, words, { before: store.listings(), atMs: clock.now() });
  store.record(news.listings, news.events);
  for (const event of news.events) {
    const word = words.find(({ list }) => list.id === event.list);
    if (word !== undefined) listener.onChange(event, word.list);
  }
}

function muteLists(words: readonly ListWord[]): readonly Blocklist[] {
  const speaking = new Set(words.filter(({ answer }) => isWord(answer.kind)).map(({ list: { id } }) => id));
  const all = new Map(words.map(({ list }) => [list.id, list]));
  return [...all.values()].filter(({ id }) => !speaking.has(id));
}

function isWord(kind: ListWord['answer']['kind']): boolean {
  return kind === 'listed' || kind === 'not-listed';
}
