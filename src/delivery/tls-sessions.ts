import type { Clock, Timer } from '../base/index.ts';
import type { SmtpSession } from '../net/smtp-client/index.ts';
import type { TlsSeen } from '../tls/index.ts';
import type { TlsSighting } from './tls-sighting.ts';

export type TlsSessionsOptions = {
  readonly clock: Clock;
  readonly report: (batch: readonly TlsSeen[]) => void;
};

// Counts are for a daily report; together they cost one message between threads and one transaction.
const reportDelayMs = 2_000;
const mostUnreported = 1_000;
// A host that fails for thousands of domains is told to so many of them; each is told again with its next dial.
const mostDomains = 1_000;

type Known = { readonly sighting: TlsSighting; readonly domains: Set<string>; last: string };

/** Which sessions the mail of which domain went through, and which it would have needed: one count a session and domain. */
export class TlsSessions {
  readonly #options: TlsSessionsOptions;
  readonly #bySession = new WeakMap<SmtpSession, Known>();
  readonly #domainsOf = new Map<string, Set<string>>();
  #unreported = new Map<string, TlsSeen>();
  #timer: Timer | null = null;

  constructor(options: TlsSessionsOptions) {
    this.#options = options;
  }

  serves(site: string, domain: string): void {
    const domains = this.#domainsOf.get(site);
    if (domains === undefined) this.#domainsOf.set(site, new Set([domain]));
    else if (domains.size < mostDomains) domains.add(domain);
  }

  seen(site: string, sighting: TlsSighting): void {
    const { session } = sighting;
    if (session !== null) this.#bySession.set(session, { sighting, domains: new Set(), last: '' });
    else for (const domain of this.#domainsOf.get(site) ?? []) this.#count(domain, sighting);
  }

  /** A message of the domain goes through the session. */
  used(session: SmtpSession, domain: string): void {
    const known = this.#bySession.get(session);
    if (known === undefined || known.last === domain) return;
    known.last = domain;
    if (known.domains.has(domain)) return;
    known.domains.add(domain);
    this.#count(domain, known.sighting);
  }

  close(): void {
    this.#timer?.cancel();
    this.#report();
  }

  #count(domain: string, { host, address, source, trouble, tlsa }: TlsSighting): void {
    const seen = { domain, host, address, source, trouble, tlsa };
    const key = JSON.stringify(seen);
    const sessions = (this.#unreported.get(key)?.sessions ?? 0) + 1;
    this.#unreported.set(key, { ...seen, sessions });
    if (this.#unreported.size >= mostUnreported) this.#report();
    else this.#timer ??= this.#options.clock.after(reportDelayMs, () => this.#report());
  }

  #report(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#unreported.size === 0) return;
    const batch = [...this.#unreported.values()];
    this.#unreported = new Map();
    this.#options.report(batch);
  }
}
