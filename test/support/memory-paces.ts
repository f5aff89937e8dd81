import { createShaping } from '../../src/delivery/limits.ts';
import type { PaceEvent, PaceStore, StoredPace } from '../../src/delivery/pace-ports.ts';
import type { ShaperFacts } from '../../src/delivery/path-shaper.ts';

/** Learnt paces in memory, and what an engine that starts on them is given. */
export function memoryPaces(): PaceStore & { facts(): ShaperFacts } {
  const byPath = new Map<string, StoredPace>();
  const events: PaceEvent[] = [];
  const paces = (): readonly StoredPace[] => [...byPath.values()].toReversed();
  return {
    record(stored, more) {
      for (const each of stored) byPath.set(JSON.stringify([each.site, each.source]), structuredClone(each));
      events.push(...more);
    },
    paces,
    eventsOf: (site, limit, source) =>
      events
        .filter((event) => event.site === site && (source === undefined || event.source === source))
        .toReversed()
        .slice(0, limit),
    facts: () => ({
      shaping: createShaping([], { connections: 20, messagesPerConnection: 100 }),
      providerOf: () => null,
      poolOf: () => null,
      timeScale: 1,
      learnt: paces(),
    }),
  };
}
