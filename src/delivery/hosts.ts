import { isIP } from 'node:net';
import type { Clock } from '../base/index.ts';
import type { TlsFacts } from '../events/index.ts';
import { hostTls } from './host-tls.ts';
import type { HostTls, HostTlsResult } from './host-tls.ts';
import { hostAddresses } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { Dial, DialOptions, SmtpFailure, SmtpSession } from '../net/smtp-client/index.ts';
import type { Site, SiteHost } from './site.ts';
import { sightingOf } from './tls-sighting.ts';
import type { Dialled, TlsSighting } from './tls-sighting.ts';

/** Everything about a dial that does not depend on the host. */
export type DialSettings = Omit<DialOptions, 'host' | 'address' | 'port'>;

/** An open session, or what the last host that was tried said. */
export type Opened =
  | { readonly ok: true; readonly session: SmtpSession; readonly host: string; readonly address: string }
  | {
      readonly ok: false;
      readonly failure: SmtpFailure;
      readonly host: string;
      readonly address: string | null;
      readonly tls: TlsFacts | null;
    };

export type HostOptions = {
  readonly resolver: Resolver;
  readonly dial: Dial;
  readonly clock: Clock;
  /** What a dial showed of TLS; the site by its name. */
  readonly onTls?: (site: string, sighting: TlsSighting) => void;
};

// RFC 5321 §5.1: at least two addresses SHOULD be tried, and a limit is allowed. Five hosts with two addresses each that
// swallow packets take five minutes at the default 30 s; a host that is alone has all five (Postfix's smtp_mx_address_limit).
const mostHosts = 5;
const mostAddresses = { ofOne: 5, ofSeveral: 2 };
// A host that failed is passed over while others work; short, since a restart takes about this long.
const avoidHostMs = 30_000;
// A host whose TLS is broken is spoken to in the clear (opportunistic, RFC 7435); tried with TLS again after an hour.
const avoidTlsMs = 3_600_000;

/** Opens sessions to the hosts of one site: by preference, next host on failure (RFC 5321 §5.1), TLS as the mode says. */
export class SiteDialer {
  readonly #options: HostOptions;
  readonly #site: Site;
  readonly #avoidUntil = new Map<string, number>();
  readonly #clearUntil = new Map<string, number>();
  #turn = 0;

  constructor(options: HostOptions, site: Site) {
    this.#options = options;
    this.#site = site;
  }

  /** Tries the hosts in order until one opens, as long as the session is `wanted`. Never rejects. */
  async open(settings: DialSettings, wanted: () => boolean): Promise<Opened> {
    let last: Opened | null = null;
    for (const host of this.#order().slice(0, mostHosts)) {
      if (!wanted()) break;
      const opened = await this.#openHost(host, settings);
      if (opened.ok) return opened;
      this.#avoidUntil.set(host.host, this.#options.clock.monotonic() + avoidHostMs);
      last = opened;
    }
    return last ?? noHost(this.#site.name);
  }

  /** Preferred hosts first; those that failed lately last, never left out. */
  #order(): readonly SiteHost[] {
    const nowMs = this.#options.clock.monotonic();
    const avoided = (host: SiteHost): boolean => (this.#avoidUntil.get(host.host) ?? 0) > nowMs;
    const hosts = inTurn(this.#site.hosts, this.#turn++);
    return [...hosts.filter((host) => !avoided(host)), ...hosts.filter(avoided)];
  }

  async #openHost(host: SiteHost, settings: DialSettings): Promise<Opened> {
    const found = await this.#addresses(host.host, settings.localAddress);
    if (!found.ok) return { ok: false, failure: found.failure, host: host.host, address: null, tls: null };
    const demand = await this.#demand(host, found, settings);
    if (!demand.ok) {
      const opened: Opened = {
        ok: false,
        failure: demand.failure,
        host: host.host,
        address: null,
        tls: null,
      };
      this.#sighted(opened, { demand: null, fellBack: false, source: settings.localAddress });
      return opened;
    }
    let last: Opened | null = null;
    const most = this.#site.hosts.length === 1 ? mostAddresses.ofOne : mostAddresses.ofSeveral;
    for (const address of found.addresses.slice(0, most)) {
      const opened = await this.#dial({ host, address, demand: demand.tls }, settings);
      if (opened.ok || opened.failure.origin === 'remote') return opened;
      last = opened;
    }
    return last ?? noHost(host.host);
  }

  /** What the host must offer and prove; a site without policies asks nobody. */
  async #demand(
    host: SiteHost,
    found: Addresses & { ok: true },
    settings: DialSettings,
  ): Promise<HostTlsResult> {
    const facts = {
      host,
      mode: settings.tls.mode,
      site: this.#site.tls ?? null,
      configured: this.#site.configured === true,
      addressesSigned: found.signed,
      canonicalName: found.canonicalName,
    };
    return await hostTls(facts, this.#options.resolver);
  }

  async #dial({ host, address, demand }: Target, settings: DialSettings): Promise<Opened> {
    const { dial, clock } = this.#options;
    const place = { host: host.host, address, port: host.port };
    const clear =
      demand.mode === 'opportunistic' && (this.#clearUntil.get(host.host) ?? 0) > clock.monotonic();
    const tls = {
      context: settings.tls.context,
      mode: clear ? ('none' as const) : demand.mode,
      hostTrusted: demand.hostTrusted,
      ...(demand.proof === null ? {} : { proof: demand.proof }),
    };
    const first = await dial({ ...settings, ...place, tls });
    const fallsBack = !first.ok && isBrokenTls(first.failure) && tls.mode === 'opportunistic';
    if (fallsBack) this.#clearUntil.set(host.host, clock.monotonic() + avoidTlsMs);
    const last = fallsBack ? await dial({ ...settings, ...place, tls: { ...tls, mode: 'none' } }) : first;
    const end = { host: host.host, address };
    const opened: Opened = last.ok ? { ok: true, session: last.session, ...end } : { ...last, ...end };
    this.#sighted(opened, { demand, fellBack: fallsBack || clear, source: settings.localAddress });
    return opened;
  }

  #sighted(opened: Opened, how: Pick<Dialled, 'demand' | 'fellBack' | 'source'>): void {
    const { onTls } = this.#options;
    if (onTls === undefined) return;
    const sighting = sightingOf({ host: opened.host, address: opened.address, end: opened, ...how });
    if (sighting !== null) onTls(this.#site.name, sighting);
  }

  async #addresses(host: string, localAddress: string | null): Promise<Addresses> {
    const alone = { ok: true, signed: false, canonicalName: null } as const;
    if (isIP(host) !== 0) return { ...alone, addresses: [host] };
    // RFC 6761 §6.3: localhost is never asked of the DNS.
    if (host === 'localhost') return { ...alone, addresses: ['127.0.0.1'] };
    const family = localAddress === null ? null : isIP(localAddress) === 6 ? 6 : 4;
    const found = await hostAddresses(this.#options.resolver, host, family);
    if (found.kind !== 'found') return { ok: false, failure: addressFailure(host, found.kind) };
    const { addresses, authenticated: signed } = found;
    return { ok: true, addresses, signed, canonicalName: found.canonicalName ?? null };
  }
}

type Target = { readonly host: SiteHost; readonly address: string; readonly demand: HostTls };

/** The handshake itself failed: in the clear it may go (RFC 7435), where nothing is demanded. */
function isBrokenTls(failure: SmtpFailure): boolean {
  return failure.origin === 'local' && (failure.cause === 'tls-failed' || failure.cause === 'tls-too-old');
}

/** RFC 5321 §5.1: hosts of equal preference share the load; each session begins with the next of them. */
function inTurn(hosts: readonly SiteHost[], turn: number): readonly SiteHost[] {
  const preferences = [...new Set(hosts.map(({ preference }) => preference))];
  return preferences.flatMap((preference) => {
    const equals = hosts.filter((host) => host.preference === preference);
    const first = turn % equals.length;
    return [...equals.slice(first), ...equals.slice(0, first)];
  });
}

type Addresses =
  | {
      readonly ok: true;
      readonly addresses: readonly string[];
      readonly signed: boolean;
      readonly canonicalName: string | null;
    }
  | { readonly ok: false; readonly failure: SmtpFailure };

function addressFailure(host: string, kind: string): SmtpFailure {
  const cause = kind === 'failed' ? 'dns-servfail' : 'mx-unresolvable';
  return { origin: 'local', stage: 'route', cause, text: `MX host ${host} has no address (${kind})` };
}

function noHost(name: string): Opened {
  const failure: SmtpFailure = {
    origin: 'local',
    stage: 'route',
    cause: 'mx-unresolvable',
    text: `${name} has no usable MX host`,
  };
  return { ok: false, failure, host: name, address: null, tls: null };
}
