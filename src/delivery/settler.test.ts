import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { DeliveryStore, PathHold, Settlement } from './ports.ts';
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

/** A settler whose store keeps what is held, and fails as told. */
function holdingWorld() {
  const clock = new FakeClock();
  const state = {
    full: false,
    held: new Set<string>(),
    most: 0,
    commits: 0,
    reads: 0,
    trouble: [] as boolean[],
  };
  const full = new Error('disk full');
  const failWhenFull = (): void => {
    if (state.full) throw full;
  };
  const store: DeliveryStore = {
    commit(_settlements, holds, releases) {
      failWhenFull();
      state.commits++;
      state.most = Math.max(state.most, holds.length + releases.length);
      for (const { domain } of releases) state.held.delete(domain);
      for (const { domain } of holds) state.held.add(domain);
      return { dropped: 0 };
    },
    openCampaigns: () => [],
    queuedPage() {
      failWhenFull();
      state.reads++;
      return [];
    },
    messageRows: () => [],
    waitingCount: () => 0,
  };
  const settler = new Settler({
    store,
    clock,
    isPassing: (error) => error === full,
    onCommitted: () => undefined,
    onTrouble: (error) => state.trouble.push(error !== null),
  });
  return { clock, state, settler, store, full };
}

const hold = (domain: string): PathHold => ({
  site: 's',
  domain,
  source: null,
  because: 'unreachable',
  detail: '',
  untilMs: 1,
});

test('of holds and releases of one way only the last word is written', async () => {
  const { clock, state, settler } = holdingWorld();
  for (const last of ['hold', 'release'] as const) {
    settler.release(hold(last));
    settler.hold(hold(last));
    settler.release(hold(last));
    settler[last](hold(last));
  }
  await clock.advance(10);
  expect([...state.held]).toEqual(['hold']);
  expect(state.commits).toBe(1);
  expect(clock.pendingTimers).toBe(0);
});

test('a hold of many domains is written in several commits', async () => {
  const { clock, state, settler } = holdingWorld();
  for (let index = 0; index < 1_200; index++) settler.hold(hold(`d${index}`));
  await clock.advance(1_000);
  expect(state.held.size).toBe(1_200);
  expect(state.most).toBe(500);
  expect(state.commits).toBe(3);
  expect(clock.pendingTimers).toBe(0);
});

test('a read that fails for want of room is told, and asked for again until there is room', async () => {
  const { clock, state, settler, store } = holdingWorld();
  state.full = true;
  expect(settler.read(() => store.queuedPage(0, 10))).toBeNull();
  expect(settler.healthy).toBe(false);
  await clock.advance(3_000);
  expect(state.trouble).toEqual([true]);
  state.full = false;
  await clock.advance(1_000);
  expect(state.trouble).toEqual([true, false]);
  expect(settler.read(() => 'rows')).toBe('rows');
  expect(clock.pendingTimers).toBe(0);
});

test('a read that fails for another reason is let through', () => {
  const { settler } = holdingWorld();
  const corrupt = (): never => {
    throw new Error('corrupt');
  };
  expect(() => settler.read(corrupt)).toThrow('corrupt');
});

test('tells when what was added is durable', async () => {
  const { clock, state, settler } = holdingWorld();
  const durable: string[] = [];
  settler.acknowledgeTo(() => durable.push('nothing'));
  expect(durable).toEqual(['nothing']);
  settler.add({ settlement: settlement(1), domain: 'a.example' });
  settler.acknowledgeTo(() => durable.push('one'));
  state.full = true;
  await clock.advance(2_000);
  expect(durable).toEqual(['nothing']);
  state.full = false;
  await clock.advance(1_000);
  expect(durable).toEqual(['nothing', 'one']);
});

test('close writes what is left, leaves no timer, and throws when it cannot', () => {
  const good = holdingWorld();
  good.settler.add({ settlement: settlement(1), domain: 'a.example' });
  good.settler.close();
  expect(good.state.commits).toBe(1);
  expect(good.clock.pendingTimers).toBe(0);
  const bad = holdingWorld();
  bad.state.full = true;
  bad.settler.add({ settlement: settlement(1), domain: 'a.example' });
  expect(() => bad.settler.close()).toThrow(bad.full);
  expect(bad.clock.pendingTimers).toBe(0);
});
