import {
  createTlsPolicies,
  fetchStsPolicy,
  SessionRecorder,
  StsPolicies,
  stsTimeoutMs,
} from '../tls/index.ts';
import type { TlsPolicySource, TlsSeen } from '../tls/index.ts';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { tlsContext } from './delivery-engine.ts';

export type TlsParts = {
  readonly config: Config;
  readonly store: Pick<Store, 'stsPolicies' | 'tlsCounts'>;
  readonly resolver: Resolver;
  readonly clock: Clock;
};

// RFC 8461 §3.3: policies are served by HTTPS.
const httpsPort = 443;

/** What the mail of a run must have of TLS, and who counts what it got. */
export function createTls({ config, store, resolver, clock }: TlsParts): {
  readonly policies: TlsPolicySource;
  readonly seen: (batch: readonly TlsSeen[]) => void;
} {
  const { tls, tlsCa, tlsPolicies } = config.delivery;
  const context = tlsContext(tlsCa);
  const sts = new StsPolicies({
    resolver,
    fetch: (domain) =>
      fetchStsPolicy(domain, { resolver, clock, context, port: httpsPort, timeoutMs: stsTimeoutMs }),
    store: store.stsPolicies,
    clock,
  });
  const source = createTlsPolicies({
    rules: tlsPolicies,
    sts: tls === 'none' ? null : sts,
    trustAd: config.dns.trustAd,
  });
  const recorder = new SessionRecorder(store.tlsCounts, clock);
  return { policies: recorder.watching(source), seen: (batch) => recorder.seen(batch) };
}
