import { expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createClassifier, createReader } from '../replies/index.ts';

const minuteMs = 60_000;

test.each(['mail', 'rcpt', 'eom'] as const)(
  'greylisting at %s delays everybody by its own time, once, and each comes again from the same source',
  async (stage) => {
    const knowledge = loadKnowledge(defaultKnowledgeFolder());
    const firstSeen = new Map<string, number>();
    const tries = new Map<string, Set<string>>();
    const takenMs = new Map<string, number>();
    const world = deliveryWorld({
      reader: createReader(createClassifier(knowledge), knowledge),
      connection: ({ localAddress }) => ({
        kind: 'open',
        answer: ({ to }) => {
          const nowMs = world.clock.monotonic();
          tries.set(to, (tries.get(to) ?? new Set()).add(localAddress ?? ''));
          // Remembers the address that we come from, as postgrey does.
          const key = `${localAddress} ${to}`;
          const sinceMs = firstSeen.get(key) ?? nowMs;
          firstSeen.set(key, sinceMs);
          if (nowMs - sinceMs < 5 * minuteMs)
            return { kind: 'reply', code: 451, stage, text: '4.7.1 Greylisted, please come back later' };
          takenMs.set(to, nowMs);
          return { kind: 'accept' };
        },
      }),
    });
    const to = Array.from({ length: 500 }, (_, index) => `m${index}@a.example`);
    const beganMs = world.clock.monotonic();
    world.accept(to, 86_400_000);
    const run = world
      .engine({
        sources: [
          { ip: '192.0.2.1', hostname: 'one.example' },
          { ip: '192.0.2.2', hostname: 'two.example' },
        ],
        retry: {
          firstMs: 15_000,
          longestMs: 14_400_000,
          unknownMax: 3,
          rules: knowledge.retries.rules,
        },
      })
      .run();
    await passTime(world.clock, run, { mostMs: 86_400_000 });
    await run;
    expect(world.store.ledger().total).toMatchObject({ delivered: 500, waiting: 0 });
    expect([...tries.values()].filter((sources) => sources.size > 1)).toEqual([]);
    // Five minutes, and what is left of the wait that is under way then: 30 s, 1, 2 and 3 min are 6.5.
    expect(Math.max(...takenMs.values()) - beganMs).toBeLessThan(8 * minuteMs);
  },
);
