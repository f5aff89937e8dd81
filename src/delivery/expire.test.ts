import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { Expiry } from './expire.ts';
import { IdQueue } from './id-queue.ts';

/** A held queue of messages that live so long; the time at which each expired, counted from the start. */
async function expireAll(
  lifetimesMs: readonly number[],
  forMs: number,
): Promise<ReadonlyMap<number, number>> {
  const clock = new FakeClock();
  const startMs = clock.now();
  const queue = new IdQueue();
  for (const id of lifetimesMs.keys()) queue.push(id);
  const expired = new Map<number, number>();
  const expiry = new Expiry({
    clock,
    standing: () => [{ queue, last: () => null }],
    read: (ids) =>
      ids.map((id) => ({
        id,
        campaignId: 1,
        address: 'a@down.example',
        domain: 'down.example',
        variables: {},
        attempts: 0,
        unknowns: 0,
        expiresMs: startMs + (lifetimesMs[id] ?? 0),
      })),
    mayWork: () => true,
    onExpired: ({ settlement }) => void expired.set(settlement.event.messageId, clock.now() - startMs),
    onMissing: () => undefined,
  });
  expiry.start();
  await clock.advance(forMs);
  expiry.close();
  return expired;
}

test('messages that stand still expire at the end of their lifetime, however short', async () => {
  expect([...(await expireAll([23_000, 10_000, 5 * 86_400_000], 40_000))]).toEqual([
    [1, 10_000],
    [0, 23_000],
  ]);
});

test('many that end one after the other do not make it look without pause', async () => {
  const expired = await expireAll([10_000, 10_001, 10_002], 15_000);
  expect([...expired.values()]).toEqual([10_000, 11_000, 11_000]);
});
