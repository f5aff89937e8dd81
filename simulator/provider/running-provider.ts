import type { SecureContext } from 'node:tls';
import type { Timer } from '../../src/base/index.ts';
import { startSmtpServer } from '../smtp/index.ts';
import type { SmtpHooks, SmtpServer } from '../smtp/index.ts';
import { createPolicy, looksAtContent } from './policy.ts';
import type { PolicyOptions } from './refusal.ts';
import type { Provider } from './schema.ts';
import { createStatistics } from './statistics.ts';
import type { ProviderStats } from './statistics.ts';

export type RunningProvider = {
  readonly provider: Provider;
  stats(): ProviderStats;
  /** Cuts all connections; from now on connecting is refused. */
  down(): Promise<void>;
  /** Listens again. */
  up(): Promise<void>;
  stop(): Promise<void>;
};

export type ProviderStart = Omit<PolicyOptions, 'statistics'> & {
  readonly port: number;
  readonly secureContext: SecureContext | null;
  /** Keep whole messages, for `keep`. */
  readonly keepContent: boolean;
};

/** Starts the hosts of one provider. Rejects with the system's error when an address cannot be had. */
export async function startProvider(start: ProviderStart): Promise<RunningProvider> {
  const { provider, clock, report } = start;
  const statistics = createStatistics();
  const hooksFor = createPolicy({ ...start, statistics });
  let servers: readonly SmtpServer[] = [];
  let changing: Promise<void> = Promise.resolve();
  // One change after the other: `down` while `up` is still binding would leave a server behind.
  const change = (step: () => Promise<void>): Promise<void> => {
    const next = changing.then(step);
    // The caller hears of a failed step through `next`; the following step must run all the same.
    changing = next.catch(() => undefined);
    return next;
  };
  const down = (): Promise<void> =>
    change(async () => {
      await Promise.all(servers.map((server) => server.close()));
      servers = [];
      report({ kind: 'down', provider: provider.id });
    });
  const up = (): Promise<void> =>
    change(async () => {
      if (servers.length > 0) return;
      servers = await listenOnHosts(start, hooksFor);
      report({ kind: 'up', provider: provider.id });
    });

  await up();
  let timer: Timer | null = null;
  if (provider.downSeconds !== undefined) {
    await down();
    timer = clock.after((provider.downSeconds * 1_000) / start.timeScale, () => {
      // The port was ours a moment ago; if another program took it, the provider stays down and tests see that.
      up().catch(() => report({ kind: 'down', provider: provider.id }));
    });
  }
  return {
    provider,
    stats: () => statistics.snapshot(),
    down,
    up,
    async stop() {
      timer?.cancel();
      await down();
    },
  };
}

async function listenOnHosts(
  start: ProviderStart,
  hooksFor: (host: string) => SmtpHooks,
): Promise<readonly SmtpServer[]> {
  const { provider } = start;
  const servers: SmtpServer[] = [];
  try {
    for (const host of provider.hosts) {
      if (host.state === 'refused') continue;
      const options = {
        hostname: host.name,
        hooks: hooksFor(host.name),
        keep: start.keepContent || looksAtContent(provider) ? 'content' : 'head',
        sizeLimitOctets: provider.sizeLimitOctets,
        chunking: provider.chunking,
        startTls: start.secureContext === null ? 'none' : provider.startTls,
        secureContext: start.secureContext,
        clock: start.clock,
      } as const;
      servers.push(await startSmtpServer({ address: host.address, port: start.port }, options));
    }
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
  return servers;
}
