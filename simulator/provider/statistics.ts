import { createFingerprintSet, fingerprint } from '../fingerprint.ts';

/** What a provider has seen so far. */
export type ProviderStats = {
  readonly connections: number;
  /** Open now. */
  readonly open: number;
  /** Messages kept, counted per recipient, also when the connection was then cut. */
  readonly accepted: number;
  /** Connections cut instead of a reply. */
  readonly dropped: number;
  /** (recipient, Message-ID) kept more than once. */
  readonly duplicates: number;
  /** Refusals by the id of the behaviour or limit: `unknown`, `connections`, a rate's id, … */
  readonly refused: Readonly<Record<string, number>>;
  /** Refusals by reply code and enhanced status: `550 5.1.1`. */
  readonly replies: Readonly<Record<string, number>>;
};

export type Statistics = {
  /** Connections open now. */
  readonly open: number;
  opened(): void;
  closed(): void;
  kept(recipient: string, messageId: string | null): void;
  refused(cause: string, reply: string): void;
  dropped(cause: string): void;
  snapshot(): ProviderStats;
};

export function createStatistics(): Statistics {
  const counts = { connections: 0, open: 0, accepted: 0, dropped: 0, duplicates: 0 };
  const refused = new Map<string, number>();
  const replies = new Map<string, number>();
  const seen = createFingerprintSet();
  const add = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);
  return {
    get open(): number {
      return counts.open;
    },
    opened() {
      counts.connections += 1;
      counts.open += 1;
    },
    closed() {
      counts.open -= 1;
    },
    kept(recipient, messageId) {
      counts.accepted += 1;
      if (messageId === null) return;
      if (!seen.add(fingerprint(`${recipient}\u0000${messageId}`))) counts.duplicates += 1;
    },
    refused(cause, reply) {
      add(refused, cause);
      add(replies, /^\d{3}(?:[- ]\d\.\d+\.\d+)?/.exec(reply)?.[0].replace('-', ' ') ?? 'malformed');
    },
    dropped(cause) {
      counts.dropped += 1;
      add(refused, cause);
    },
    snapshot: () => ({
      ...counts,
      refused: Object.fromEntries(refused),
      replies: Object.fromEntries(replies),
    }),
  };
}
