import type { Bilingual, Clock } from '../base/index.ts';
import type { DeliveryProgress } from '../cli/index.ts';
import type { Settled } from '../delivery/index.ts';
import type { Knowledge } from '../knowledge/index.ts';

type Counts = {
  readonly provider: Bilingual;
  sent: number;
  deferred: number;
  refused: number;
  /** Sent, by second of the run, the last few seconds. */
  readonly recent: number[];
};

// Domains whose provider is remembered: 10 MB. A service meets more in a year than it needs today.
const mostDomains = 100_000;
// The rate shown is the mean of so many seconds: one alone jumps with every hold.
const rateSeconds = 5;

export const otherProviders: Bilingual = { ja: 'その他', en: 'others' };

/** Counts a run by provider as it is committed. */
export class Tally {
  readonly #knowledge: Knowledge;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #total: number;
  readonly #byProvider = new Map<string, Counts>();
  readonly #providerOfDomain = new Map<string, Counts>();
  #done = 0;
  #unknown = 0;

  constructor(knowledge: Knowledge, clock: Clock, total: number) {
    this.#knowledge = knowledge;
    this.#clock = clock;
    this.#startedMs = clock.monotonic();
    this.#total = total;
  }

  /** Attempts whose connection was lost after the final dot. */
  get unknown(): number {
    return this.#unknown;
  }

  add(batch: readonly Settled[]): void {
    for (const { settlement, domain } of batch) {
      const counts = this.#countsOf(domain);
      const { next, event } = settlement;
      if (event.outcome?.kind === 'unknown') this.#unknown++;
      if (next.state !== 'waiting') this.#done++;
      if (next.state === 'delivered') this.#sent(counts);
      else if (next.state === 'waiting') counts.deferred++;
      else counts.refused++;
    }
  }

  progress(): DeliveryProgress {
    const second = this.#second();
    const providers = [...this.#byProvider.values()].map(({ recent, ...counts }) => ({
      ...counts,
      perSecond: recentSum(recent, second) / Math.min(rateSeconds, second + 1),
    }));
    const seconds = (this.#clock.monotonic() - this.#startedMs) / 1000;
    return { providers, total: this.#total, done: this.#done, seconds };
  }

  #second(): number {
    return Math.floor((this.#clock.monotonic() - this.#startedMs) / 1000);
  }

  #sent(counts: Counts): void {
    counts.sent++;
    const second = this.#second();
    // A ring of seconds: the slot of a second holds [second, count] as two entries.
    const slot = (second % rateSeconds) * 2;
    if (counts.recent[slot] !== second) {
      counts.recent[slot] = second;
      counts.recent[slot + 1] = 0;
    }
    counts.recent[slot + 1] = (counts.recent[slot + 1] ?? 0) + 1;
  }

  #countsOf(domain: string): Counts {
    const known = this.#providerOfDomain.get(domain);
    if (known !== undefined) return known;
    const provider = this.#knowledge.providerOf({ mxHost: null, domain });
    const key = provider?.id ?? '';
    const counts = this.#byProvider.get(key) ?? {
      provider: provider?.name ?? otherProviders,
      sent: 0,
      deferred: 0,
      refused: 0,
      recent: [],
    };
    this.#byProvider.set(key, counts);
    if (this.#providerOfDomain.size >= mostDomains) this.#providerOfDomain.clear();
    this.#providerOfDomain.set(domain, counts);
    return counts;
  }
}

function recentSum(recent: readonly number[], second: number): number {
  let sum = 0;
  for (let slot = 0; slot < rateSeconds * 2; slot += 2) {
    const at = recent[slot];
    if (at !== undefined && at > second - rateSeconds) sum += recent[slot + 1] ?? 0;
  }
  return sum;
}
