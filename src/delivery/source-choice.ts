import type { Clock } from '../base/index.ts';
import type { OutcomeReading } from '../events/index.ts';
import type { WarmupPlan } from '../knowledge/index.ts';
import type { ProviderIdOf } from './reaction-book.ts';
import type { Settled } from './settler.ts';
import { dayMs, dayOf, daysFor, warmupStep } from './warm-up.ts';
import type { SourceDay, WarmupStep } from './warm-up.ts';

/** A source as far as choosing it goes; `warmup` null: it is warm. */
export type SourcePlan = {
  readonly ip: string;
  readonly pool: string;
  readonly warmup: { readonly startDay: number; readonly plan: WarmupPlan } | null;
};

/** Which source takes a message, by its place in the configuration; or until when none may. */
export type Choice =
  | { readonly kind: 'source'; readonly index: number }
  | { readonly kind: 'wait'; readonly detail: string; readonly untilMs: number };

export type SourceChoiceOptions = {
  readonly sources: readonly SourcePlan[];
  /** Of the days since the first warm-up began. */
  readonly history: readonly SourceDay[];
  readonly clock: Clock;
  readonly providerOf: ProviderIdOf;
};

// What a provider says when it does not trust an address; that a mailbox is full says nothing of it.
const badVerdicts: ReadonlySet<string | null> = new Set([
  'blocked',
  'badreputation',
  'spamdetected',
  'speeding',
  'requireptr',
]);

type Standing = { readonly history: SourceDay[]; today: SourceDay; step: WarmupStep; given: number };

/**
 * Gives each message its source while some are being warmed up: a young one as long as the day's number for the provider
 * lasts, then a warm one of the same pool. A message that was deferred keeps its source (RFC 6647 §2.3).
 */
export class SourceChoice {
  readonly #options: SourceChoiceOptions;
  readonly #standings = new Map<string, Standing>();
  readonly #providers = new Map<string, string>();
  /** Messages that a young source was given, and has not tried yet: whose of its numbers they take. */
  readonly #given = new Map<number, { readonly index: number; readonly standing: Standing }>();
  /** Messages that were tried, until they are settled. */
  readonly #kept = new Map<number, number>();
  #today: number;

  constructor(options: SourceChoiceOptions) {
    this.#options = options;
    this.#today = dayOf(options.clock.now());
  }

  choose(id: number, domain: string, mxHost: string | null): Choice {
    this.#turnDay();
    const { sources } = this.#options;
    const kept = this.#kept.get(id) ?? this.#given.get(id)?.index;
    if (kept !== undefined) return { kind: 'source', index: kept };
    const provider = this.#providerOf(domain, mxHost);
    const own = id % sources.length;
    const pool = sources[own]?.pool;
    // Its own first, then the others of the pool, each message beginning with another one.
    const order = sources.map((_, at) => (own + at) % sources.length);
    const inPool = order.filter((index) => sources[index]?.pool === pool);
    const isWarm = (index: number): boolean => this.#stepOf(index, provider)?.most === null;
    const young = inPool.filter((index) => !isWarm(index));
    const candidates = young[0] === own ? [own, ...inPool.filter(isWarm), ...young.slice(1)] : inPool;
    const index = candidates.find((each) => this.#give(id, each, provider));
    if (index !== undefined) return { kind: 'source', index };
    const untilMs = (this.#today + 1) * dayMs;
    return {
      kind: 'wait',
      detail: `${provider === '' ? domain : provider}: ${this.#detail(own, provider)}`,
      untilMs,
    };
  }

  /** Takes one attempt into the counts; what is to be written with it, or null when the source is warm. */
  count({ settlement, domain }: Settled): SourceDay | null {
    this.#turnDay();
    const { event, next } = settlement;
    const { outcome } = event;
    const index = this.#options.sources.findIndex(({ ip }) => ip === outcome?.source);
    this.#given.delete(event.messageId);
    if (next.state !== 'waiting') this.#kept.delete(event.messageId);
    else if (index >= 0) this.#kept.set(event.messageId, index);
    if (outcome === null || outcome.origin !== 'remote' || index < 0) return null;
    const provider = this.#providerOf(domain, outcome.host);
    const standing = this.#standingOf(index, provider);
    if (standing === null) return null;
    const bad = isBad(event.reading) ? 1 : 0;
    const { today } = standing;
    standing.today = { ...today, messages: today.messages + 1, bad: today.bad + bad };
    standing.given = Math.max(standing.given, today.messages + 1);
    standing.step = this.#stepNow(index, provider, standing);
    return { ...today, messages: 1, bad };
  }

  /** Where a source stands with a provider; null: it is not being warmed up. */
  #stepOf(index: number, provider: string): WarmupStep | null {
    const standing = this.#standingOf(index, provider);
    return standing === null ? warm : standing.step;
  }

  #give(id: number, index: number, provider: string): boolean {
    const standing = this.#standingOf(index, provider);
    if (standing === null || standing.step.most === null) return true;
    if (standing.given >= standing.step.most) return false;
    standing.given++;
    this.#given.set(id, { index, standing });
    return true;
  }

  #standingOf(index: number, provider: string): Standing | null {
    const source = this.#options.sources[index];
    if (source === undefined || source.warmup === null) return null;
    const key = `${index} ${provider}`;
    const known = this.#standings.get(key);
    if (known !== undefined) return known;
    const { ip } = source;
    const history = this.#options.history.filter((each) => each.source === ip && each.provider === provider);
    const found = history.find(({ day }) => day === this.#today);
    const today = found ?? { day: this.#today, source: ip, provider, messages: 0, bad: 0 };
    const standing: Standing = {
      history: history.filter(({ day }) => day !== this.#today),
      today,
      step: warm,
      given: today.messages,
    };
    standing.step = this.#stepNow(index, provider, standing);
    this.#standings.set(key, standing);
    return standing;
  }

  #stepNow(index: number, provider: string, { history, today }: Standing): WarmupStep {
    const warmup = this.#options.sources[index]?.warmup ?? null;
    if (warmup === null) return warm;
    const { startDay, plan } = warmup;
    return warmupStep(daysFor(plan, provider), [...history, today], { startDay, today: this.#today });
  }

  #turnDay(): void {
    const today = dayOf(this.#options.clock.now());
    if (today === this.#today) return;
    this.#today = today;
    for (const [key, standing] of this.#standings) {
      const [index = '', provider = ''] = key.split(' ');
      standing.history.push(standing.today);
      standing.today = { ...standing.today, day: today, messages: 0, bad: 0 };
      standing.given = 0;
      for (const given of this.#given.values()) if (given.standing === standing) standing.given++;
      standing.step = this.#stepNow(Number(index), provider, standing);
    }
  }

  #providerOf(domain: string, mxHost: string | null): string {
    const known = this.#providers.get(domain);
    if (known !== undefined) return known;
    const provider = this.#options.providerOf({ mxHost, domain }) ?? '';
    this.#providers.set(domain, provider);
    return provider;
  }

  #detail(index: number, provider: string): string {
    const standing = this.#standingOf(index, provider);
    const { day, of, because } = standing?.step ?? warm;
    return `day ${day}/${of}, ${standing?.today.messages ?? 0} sent today, ${because}`;
  }
}

const warm: WarmupStep = { day: 0, of: 0, most: null, because: 'warm' };

function isBad({ verdict }: OutcomeReading): boolean {
  return badVerdicts.has(verdict);
}
