import type { Clock, Timer } from '../base/index.ts';
import type { LocalCause, Outcome } from '../events/index.ts';
import { backoffFor, backoffMs } from './backoff.ts';
import type { Backoffs } from './backoff.ts';
import type { Hold } from './egress-path.ts';
import type { Standing } from './expire.ts';
import type { Waiter } from './later.ts';
import { nowhere } from './outcome.ts';
import type { PathHold, Reader } from './ports.ts';
import type { Suspension } from './reaction.ts';
import { ReadyQueue } from './ready-queue.ts';
import type { Route, Router } from './route.ts';
import type { Attempted } from './settle.ts';
import type { Site } from './site.ts';

/** What is known of one recipient domain. */
export type Domain = {
  readonly name: string;
  /** Ids that wait for the route. */
  readonly pending: ReadyQueue;
  site: Site | null;
  /** Until when the site is believed, in `monotonic` time: a clock set back does not keep an old one. */
  siteUntilMs: number;
  resolving: boolean;
  failures: number;
  hold: Hold | null;
  holdTimer: Timer | null;
};

export type DomainsOptions = {
  readonly router: Router;
  readonly reader: Reader;
  readonly clock: Clock;
  /** How long a domain rests whose way cannot be found; left out: as all rest. */
  readonly backoffs?: Backoffs | undefined;
  /** A message has a way: goes to a path of that site. */
  readonly onRouted: (message: Waiter, site: Site) => void;
  /** Messages to a site are to be routed anew: where one of its domains is served has changed. */
  readonly onMoved: (site: string) => void;
  /** No way will ever exist; the ids stand in `domain.pending`. */
  readonly onRefused: (domain: Domain, outcome: Outcome) => void;
  readonly onHold: (hold: PathHold) => void;
  readonly onRelease: (hold: PathHold) => void;
  /** Watches over work that nobody waits for: a rejection is a bug and ends the run. */
  readonly guard: (work: Promise<unknown>) => void;
};

// 5 MB of them; a look at each takes a millisecond.
const fewDomains = 10_000;
// Reasons of holds that end when a domain names other servers, or another policy.
const mayHaveMoved: ReadonlySet<string> = new Set([
  'unreachable',
  'not-accepting',
  'sessions-lost',
  'tls-policy',
]);

/** Recipient domains on the way to their sites: one look-up a domain, holds where the DNS does not answer. */
export class Domains {
  readonly #options: DomainsOptions;
  readonly #byName = new Map<string, Domain>();
  #sweepAt = fewDomains;
  #closed = false;

  constructor(options: DomainsOptions) {
    this.#options = options;
  }

  /** What waits for a look-up, or because one failed. */
  *standing(): Generator<Standing, undefined> {
    for (const domain of this.#byName.values()) {
      const isStanding = domain.hold !== null || domain.resolving;
      const last = (): Attempted | null => domain.hold?.last ?? null;
      if (!isStanding) continue;
      for (const queue of domain.pending.standing()) yield { queue, last };
    }
  }

  enqueue(message: Waiter): void {
    const domain = this.#byName.get(message.domain) ?? this.#add(message.domain);
    const isOpen = domain.hold?.because !== 'suspended';
    if (isOpen && domain.site !== null && domain.siteUntilMs > this.#options.clock.monotonic()) {
      this.#options.onRouted(message, domain.site);
      return;
    }
    domain.pending.push(message.id, message.flow);
    if (!domain.resolving && domain.hold === null) this.#options.guard(this.#resolve(domain));
  }

  /** The way to a domain over a site is blocked: the domain may be served elsewhere by now, or ask for other TLS. */
  lookAgain({ because, domain: name, site }: PathHold): void {
    const domain = this.#byName.get(name);
    if (!mayHaveMoved.has(because)) return;
    if (domain === undefined || domain.resolving || domain.hold !== null || domain.site === null) return;
    if (domain.site.name !== site) this.#options.onMoved(site);
    else if (domain.siteUntilMs <= this.#options.clock.monotonic())
      this.#options.guard(this.#lookAgain(domain, site));
  }

  /** Name of the site that serves a domain; null: not known now. */
  siteOf(name: string): string | null {
    return this.#byName.get(name)?.site?.name ?? null;
  }

  /** A reaction to replies stops the mail to a domain of a site: it waits here. */
  suspend({ target, because, detail, untilMs }: Suspension): void {
    if (target.domain === null || this.#closed) return;
    const domain = this.#byName.get(target.domain) ?? this.#add(target.domain);
    if (domain.hold !== null && domain.hold.untilMs >= untilMs) return;
    this.#enter(domain, { because, detail, untilMs, last: null });
  }

  /** Somebody lifted what stopped it. */
  lift(name: string): void {
    const domain = this.#byName.get(name);
    if (domain?.hold?.because !== 'suspended') return;
    domain.holdTimer?.cancel();
    this.#release(domain, domain.hold);
  }

  /** Ends all holds' timers: nothing happens any more. */
  close(): void {
    this.#closed = true;
    for (const domain of this.#byName.values()) domain.holdTimer?.cancel();
  }

  #add(name: string): Domain {
    if (this.#byName.size >= this.#sweepAt) this.#forgetIdle();
    const domain: Domain = {
      name,
      pending: new ReadyQueue(),
      site: null,
      siteUntilMs: 0,
      resolving: false,
      failures: 0,
      hold: null,
      holdTimer: null,
    };
    this.#byName.set(name, domain);
    return domain;
  }

  /** An engine that stays meets new domains for years: those that nothing waits for are asked about again anyway. */
  #forgetIdle(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const [name, { pending, resolving, hold, siteUntilMs }] of this.#byName) {
      const isIdle = pending.length === 0 && !resolving && hold === null;
      // A route of the configuration costs nothing to find again.
      if (isIdle && (siteUntilMs <= nowMs || siteUntilMs === Infinity)) this.#byName.delete(name);
    }
    this.#sweepAt = Math.max(fewDomains, 2 * this.#byName.size);
  }

  async #lookAgain(domain: Domain, site: string): Promise<void> {
    const kind = await this.#resolve(domain);
    const hasMoved = kind === 'refused' || (kind === 'site' && domain.site?.name !== site);
    if (hasMoved && !this.#closed) this.#options.onMoved(site);
  }

  /** Never rejects: the router answers with a value. */
  async #resolve(domain: Domain): Promise<Route['kind']> {
    domain.resolving = true;
    const route = await this.#options.router(domain.name);
    domain.resolving = false;
    if (this.#closed) return route.kind;
    if (route.kind === 'site') {
      domain.failures = 0;
      domain.site = route.site;
      domain.siteUntilMs = route.untilMs;
      if (domain.hold === null) this.#moveOn(domain, route.site);
      return route.kind;
    }
    const outcome = routeOutcome(route.kind === 'refused' ? 'refused' : 'deferred', route.cause, route.text);
    if (route.kind === 'refused') this.#options.onRefused(domain, outcome);
    else this.#holdDomain(domain, outcome, route.text);
    return route.kind;
  }

  #moveOn(domain: Domain, site: Site): void {
    domain.pending.drain((id, flow) => this.#options.onRouted({ id, domain: domain.name, flow }, site));
  }

  #holdDomain(domain: Domain, outcome: Outcome, detail: string): void {
    const { clock, reader, backoffs } = this.#options;
    domain.failures++;
    const isTls = outcome.origin === 'local' && outcome.cause === 'sts-mx-mismatch';
    const because = isTls ? 'tls-policy' : 'dns-failed';
    const delayMs = backoffMs(backoffFor(backoffs, because), domain.failures);
    const reading = reader.read(outcome, { mxHost: null, domain: domain.name });
    // Whatever stopped it meanwhile asks again when it is over.
    if (domain.hold !== null) return;
    this.#enter(domain, {
      because,
      detail,
      untilMs: clock.now() + delayMs,
      last: { outcome, reading },
    });
  }

  #enter(domain: Domain, hold: Hold): void {
    const { clock } = this.#options;
    domain.holdTimer?.cancel();
    domain.hold = hold;
    this.#options.onHold(holdRecord(domain.name, hold));
    domain.holdTimer = clock.after(hold.untilMs - clock.now(), () => this.#release(domain, hold));
  }

  #release(domain: Domain, hold: Hold): void {
    domain.hold = null;
    this.#options.onRelease(holdRecord(domain.name, hold));
    if (domain.pending.length > 0 && !domain.resolving) this.#options.guard(this.#resolve(domain));
  }
}

function routeOutcome(kind: 'refused' | 'deferred', cause: LocalCause, text: string): Outcome {
  return { ...nowhere, durationMs: 0, kind, scope: 'site', stage: 'route', origin: 'local', cause, text };
}

function holdRecord(domain: string, hold: Hold): PathHold {
  return {
    site: domain,
    domain,
    source: null,
    because: hold.because,
    detail: hold.detail,
    untilMs: hold.untilMs,
  };
}
