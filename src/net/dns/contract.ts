import type { Clock } from '../../base/index.ts';
import type { TlsaRecord } from '../../protocol/dane/index.ts';

/** One DNS question's result: three kinds of "no" are never mixed up (RFC 2308). */
export type DnsAnswer<T> =
  | {
      readonly kind: 'found';
      readonly records: readonly T[];
      readonly ttlSeconds: number;
      /** The records and every CNAME on the way to them are signed (DNSSEC), as a trusted resolver says. */
      readonly authenticated: boolean;
      /** The end of the CNAMEs, when the name asked for is an alias. */
      readonly canonicalName?: string;
    }
  | { readonly kind: 'nodata'; readonly ttlSeconds: number; readonly authenticated: boolean }
  | { readonly kind: 'nxdomain'; readonly ttlSeconds: number; readonly authenticated: boolean }
  | {
      readonly kind: 'failed';
      readonly cause: 'timeout' | 'servfail' | 'refused' | 'malformed' | 'unreachable';
      readonly server: string;
    };

export type MxRecord = { readonly preference: number; readonly exchange: string };

/** RFC 2782. `target` "." says that the service is not offered. */
export type SrvRecord = {
  readonly priority: number;
  readonly weight: number;
  readonly port: number;
  readonly target: string;
};

/** Looks names up; never throws for what the network or a server does. Names are ASCII (IDNA done before). */
export interface Resolver {
  mx(name: string): Promise<DnsAnswer<MxRecord>>;
  a(name: string): Promise<DnsAnswer<string>>;
  aaaa(name: string): Promise<DnsAnswer<string>>;
  txt(name: string): Promise<DnsAnswer<string>>;
  /** RFC 6698, of `_25._tcp.host`. */
  tlsa(name: string): Promise<DnsAnswer<TlsaRecord>>;
  /** Names of an address, of its reverse name. */
  ptr(name: string): Promise<DnsAnswer<string>>;
  /** The alias itself, not followed. */
  cname(name: string): Promise<DnsAnswer<string>>;
  close(): void;
}

/** Also finds services by name, as mail programs do (RFC 6186). */
export interface ServiceResolver extends Resolver {
  /** RFC 2782, of `_imaps._tcp.domain`. */
  srv(name: string): Promise<DnsAnswer<SrvRecord>>;
}

/** What a resolver is made of. */
export type ResolverOptions = {
  /** `address`, `address:port` or `[v6]:port`; empty: those of the system. */
  readonly servers: readonly string[];
  /** For one try at one server. */
  readonly timeoutMs: number;
  /** Rounds over all servers before a question fails. */
  readonly attempts: number;
  readonly clock: Clock;
  /**
   * true: the servers validate DNSSEC, and so does the way to them deserve trust (RFC 7672 §2.2: loopback or a tunnel). Left out or
   * false: no answer ever counts as authenticated, whatever its AD bit says.
   */
  readonly trustAd?: boolean;
};
