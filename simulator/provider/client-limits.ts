import type { Provider } from './schema.ts';

type Rate = Provider['rates'][number];

/** What a provider keeps about each client address: rates, and unknown users met. */
export type ClientLimits = {
  /** Counts one message; the rate that it breaks, or null. */
  countMessage(client: string): Rate | null;
  /** Counts one recipient that does not exist. */
  countUnknown(client: string): void;
  /** Whether the block is in force for this client. */
  isBlocked(client: string): boolean;
};

type Window = { startMs: number; count: number };
type Client = { readonly windows: Map<string, Window>; unknown: number; blockedAtMs: number | null };

// Clients are loopback addresses that this machine's own programs choose.
const rememberedClients = 10_000;

export function createClientLimits(
  provider: Provider,
  options: { readonly nowMs: () => number; readonly timeScale: number },
): ClientLimits {
  const clients = new Map<string, Client>();
  const of = (address: string): Client => {
    const known = clients.get(address);
    if (known !== undefined) return known;
    const client: Client = { windows: new Map(), unknown: 0, blockedAtMs: null };
    clients.set(address, client);
    if (clients.size > rememberedClients) clients.delete(clients.keys().next().value ?? address);
    return client;
  };
  const scaledMs = (seconds: number): number => (seconds * 1_000) / options.timeScale;

  return {
    countMessage(address) {
      const { windows } = of(address);
      for (const rate of provider.rates) {
        const window = windows.get(rate.id) ?? { startMs: options.nowMs(), count: 0 };
        windows.set(rate.id, window);
        if (options.nowMs() - window.startMs >= scaledMs(rate.perSeconds)) {
          window.startMs = options.nowMs();
          window.count = 0;
        }
        if (window.count >= rate.messages) return rate;
        window.count += 1;
      }
      return null;
    },
    countUnknown(address) {
      const client = of(address);
      client.unknown += 1;
      if (provider.block === undefined || provider.block.afterUnknown === 0) return;
      if (client.blockedAtMs === null && client.unknown >= provider.block.afterUnknown) {
        client.blockedAtMs = options.nowMs();
      }
    },
    isBlocked(address) {
      const { block } = provider;
      if (block === undefined) return false;
      if (block.afterUnknown === 0 && block.forSeconds === undefined) return true;
      const client = of(address);
      if (block.afterUnknown === 0) client.blockedAtMs ??= options.nowMs();
      if (client.blockedAtMs === null) return false;
      if (
        block.forSeconds === undefined ||
        options.nowMs() - client.blockedAtMs < scaledMs(block.forSeconds)
      ) {
        return true;
      }
      if (block.afterUnknown > 0) {
        client.blockedAtMs = null;
        client.unknown = 0;
      }
      return false;
    },
  };
}
