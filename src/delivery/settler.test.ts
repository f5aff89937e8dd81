import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { DeliveryStore, Settlement } from './ports.ts';
import { settleExpired } from './settle.ts';
import { Settler } from './settler.ts';

function world(options: { full?: boolean } = {}) {
  const clock = new FakeClock();
  const state = {
    full: options.full ?? false,
    commits: [] as number[],
    committed: [] as number[],
    trouble: [] as boolean[],
  };
  const store: Pick<DeliveryStore, 'commit'> = {
    commit: (settlements) => {
      if (state.full) throw new Error('disk full');
      state.commits.push(settlements.length);
      return { dropped: 0 };
    },
  };
  const settler = new Settler({
    store: store as DeliveryStore, // only commit is used here
    clock,
    isPassing: (error) => error instanceof Error && error.message === 'disk full',
    onCommitted: (batch) => state.committed.push(...batch.map((one) => one.settlement.event.messageId)),
    onTrouble: (error) => state.trouble.push(error !== null),
  });
  return { clock, state, settler };
}

const settlement = (id: number): Settlement => settleExpired({ id }, null, 0);

test('shares one commit among what comes within 10 ms', async () => {
  const { clock, state, settler } = world();
  for (let id = 0; id < 5; id++) settler.add({ settlement: settlement(id), domain: 'example.jp' });
  await clock.advance(9);
  expect(state.commits).toEqual([]);
  await clock.advance(1);
  expect(state.commits).toEqual([5]);
  expect(clock.pendingTimers).toBe(0);
});

test('commits a full batch at once', () => {
  const { state, settler } = world();
  for (let id = 0; id < 450; id++) settler.add({ settlement: settlement(id), domain: 'example.jp' });
  expect(state.commits).toEqual([200, 200]);
  expect(settler.pending).toBe(50);
});

test('keeps everything while the disk is full and goes on when there is room', async () => {
  const { clock, state, settler } = world({ full: true });
  for (let id = 0; id < 300; id++) settler.add({ settlement: settlement(id), domain: 'example.jp' });
  expect(settler.healthy).toBe(false);
  await clock.advance(5_000);
  expect(state.committed).toEqual([]);
  state.full = false;
  await clock.advance(1_000);
  expect(state.committed).toHaveLength(300);
  expect(settler.healthy).toBe(true);
  expect(state.trouble).toEqual([true, false]);
});

test('lets a fault that does not pass through', () => {
  const { settler } = world();
  const broken = new Settler({
    store: {
      commit: () => {
        throw new Error('corrupt');
      },
    } as unknown as DeliveryStore, // only commit is used here
    clock: new FakeClock(),
    isPassing: () => false,
    onCommitted: () => undefined,
    onTrouble: () => undefined,
  });
  broken.add({ settlement: settlement(1), domain: 'example.jp' });
  expect(() => broken.flush()).toThrow('corrupt');
  expect(settler.flush()).toBe(true);
});
