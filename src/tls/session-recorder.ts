import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { TlsCount, TlsCountStore } from './ports.ts';
import { countOf, dayOf, troubleCount } from './session-counts.ts';
import type { TlsSeen } from './session-counts.ts';
import type { StsFinding } from './sts-policies.ts';
import type { TlsPolicySource } from './tls-policies.ts';

// Domains whose policy is remembered for counting; without it their sessions count as those of a domain without policy.
const mostPolicies = 50_000;

/** Writes down which sessions succeeded under which policy. */
export class SessionRecorder {
  readonly #store: Pick<TlsCountStore, 'add'>;
  readonly #clock: Clock;
  readonly #findings = new Map<string, StsFinding>();

  constructor(store: Pick<TlsCountStore, 'add'>, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** The same source; what it finds is remembered, and what went wrong is counted. */
  watching(source: TlsPolicySource): TlsPolicySource {
    return {
      configured: (domain) => source.configured(domain),
      policyFor: async (domain) => {
        const found = await source.policyFor(domain);
        this.#note(domain, found.sts);
        return found;
      },
    };
  }

  seen(batch: readonly TlsSeen[]): void {
    const day = dayOf(this.#clock.now());
    this.#add(batch.map((each) => countOf(each, this.#findings.get(each.domain) ?? null, day)));
  }

  #note(domain: string, finding: StsFinding | null): void {
    this.#findings.delete(domain);
    if (finding === null) return;
    if (finding.policy !== null) this.#findings.set(domain, finding);
    const [oldest] = this.#findings.keys();
    if (this.#findings.size > mostPolicies && oldest !== undefined) this.#findings.delete(oldest);
    if (finding.trouble !== null)
      this.#add([troubleCount(domain, finding.trouble, dayOf(this.#clock.now()))]);
  }

  /** Counts for others' reports are not worth stopping for: on a full disk they are lost. */
  #add(counts: readonly TlsCount[]): void {
    try {
      this.#store.add(counts);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
    }
  }
}
