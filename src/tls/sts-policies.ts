import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { StoredSts, StsStore } from './ports.ts';
import { readStsPolicy } from './sts-policy.ts';
import type { StsPolicy } from './sts-policy.ts';
import type { StsFetched } from './sts-fetch.ts';
import { readStsId } from './sts-record.ts';

/** What kept the newest policy from being known (RFC 8460 §4.3.2.1). */
export type StsTrouble = {
  readonly kind: 'sts-policy-fetch-error' | 'sts-policy-invalid' | 'sts-webpki-invalid';
  readonly text: string;
};

/** `policy` null: the domain has none that counts. */
export type StsFinding = { readonly policy: StsPolicy | null; readonly trouble: StsTrouble | null };

export type StsPoliciesOptions = {
  readonly resolver: Pick<Resolver, 'txt'>;
  readonly fetch: (domain: string) => Promise<StsFetched>;
  readonly store: StsStore;
  readonly clock: Clock;
};

// RFC 8461 §3.3: a fetch that failed is not tried again for five minutes.
const againAfterMs = 5 * 60_000;
// RFC 8461 §10.2 wants a policy renewed well before it ends: who blocks the web server may not outlast it. Daily is what it names.
const renewAfterMs = 24 * 3_600_000;
// Failed fetches remembered; more than that many broken domains in five minutes is our own network.
const mostRemembered = 10_000;

type Failure = { readonly untilMs: number; readonly id: string; readonly trouble: StsTrouble };

/** The MTA-STS policies of recipient domains: looked up, fetched when they changed, kept as long as they say. Never rejects. */
export class StsPolicies {
  readonly #options: StsPoliciesOptions;
  readonly #underWay = new Map<string, Promise<StsFinding>>();
  readonly #failed = new Map<string, Failure>();

  constructor(options: StsPoliciesOptions) {
    this.#options = options;
  }

  /** One look-up for all who ask for the same domain at a time. */
  find(domain: string): Promise<StsFinding> {
    const same = this.#underWay.get(domain);
    if (same !== undefined) return same;
    const finding = this.#find(domain).finally(() => this.#underWay.delete(domain));
    this.#underWay.set(domain, finding);
    return finding;
  }

  async #find(domain: string): Promise<StsFinding> {
    const answer = await this.#options.resolver.txt(`_mta-sts.${domain}`);
    const id = answer.kind === 'found' ? readStsId(answer.records) : null;
    const nowMs = this.#options.clock.now();
    const stored = this.#options.store.load(domain);
    const kept = stored !== null && stored.untilMs > nowMs ? stored : null;
    // RFC 8461 §5.1: what is kept counts until it ends, also when the record is gone or nobody answers: who can
    // suppress an answer must not switch the policy off.
    if (id === null) return { policy: policyOf(kept), trouble: null };
    const isFresh = kept !== null && kept.id === id && nowMs - kept.fetchedMs < renewAfterMs;
    if (isFresh) return { policy: policyOf(kept), trouble: null };
    const failure = this.#failed.get(domain);
    if (failure !== undefined && failure.id === id && failure.untilMs > this.#options.clock.monotonic())
      return { policy: policyOf(kept), trouble: failure.trouble };
    return await this.#renew(domain, id, kept);
  }

  async #renew(domain: string, id: string, kept: StoredSts | null): Promise<StsFinding> {
    const { clock, store } = this.#options;
    const fetched = await this.#options.fetch(domain);
    const reading = fetched.ok ? readStsPolicy(fetched.text) : null;
    if (fetched.ok && reading?.ok === true) {
      const { policy } = reading;
      const fetchedMs = clock.now();
      const untilMs = fetchedMs + policy.maxAgeSeconds * 1000;
      keep(store, domain, { id, text: fetched.text, fetchedMs, untilMs });
      this.#failed.delete(domain);
      return { policy: policy.mode === 'none' ? null : policy, trouble: null };
    }
    const trouble = fetched.ok
      ? invalid(reading?.ok === false ? reading.fault : '')
      : { kind: causes[fetched.cause], text: fetched.text };
    this.#remember(domain, { id, trouble, untilMs: clock.monotonic() + againAfterMs });
    // RFC 8461 §3.3: without a policy that can be had, and without one that is kept, the mail goes as if there were none.
    return { policy: policyOf(kept), trouble };
  }

  #remember(domain: string, failure: Failure): void {
    this.#failed.delete(domain);
    this.#failed.set(domain, failure);
    const [oldest] = this.#failed.keys();
    if (this.#failed.size > mostRemembered && oldest !== undefined) this.#failed.delete(oldest);
  }
}

/** A disk that is full for now costs the memory of the policy and no more: it is fetched again. */
function keep(store: StsStore, domain: string, policy: StoredSts): void {
  try {
    store.save(domain, policy);
  } catch (error) {
    if (!(error instanceof StorageFull)) throw error;
  }
}

const causes = { 'fetch-error': 'sts-policy-fetch-error', 'webpki-invalid': 'sts-webpki-invalid' } as const;

function invalid(fault: string): StsTrouble {
  return { kind: 'sts-policy-invalid', text: `the policy cannot be read: ${fault}` };
}

function policyOf(stored: StoredSts | null): StsPolicy | null {
  if (stored === null) return null;
  const reading = readStsPolicy(stored.text);
  return reading.ok && reading.policy.mode !== 'none' ? reading.policy : null;
}
