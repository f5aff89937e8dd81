import { expect, test } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import type { Flow } from './flow.ts';
import { Later } from './later.ts';

const flow: Flow = { campaignId: 1, stream: 'bulk', window: '', closesMs: Infinity };

function world() {
  const clock = new FakeClock();
  const due: number[] = [];
  const later = new Later({ clock, longestMs: 60_000, onDue: ({ id }) => due.push(id) });
  return { clock, due, later };
}

test('gives each back at its time, with one timer', async () => {
  const { clock, due, later } = world();
  later.wait({ id: 1, domain: 'a', flow }, clock.now() + 3_000);
  later.wait({ id: 2, domain: 'a', flow }, clock.now() + 1_000);
  later.wait({ id: 3, domain: 'a', flow }, clock.now() - 5);
  expect(clock.pendingTimers).toBe(1);
  await clock.advance(0);
  expect(due).toEqual([3]);
  await clock.advance(1_000);
  expect(due).toEqual([3, 2]);
  await clock.advance(2_000);
  expect(due).toEqual([3, 2, 1]);
  expect(later.size).toBe(0);
  expect(clock.pendingTimers).toBe(0);
});

test('waits the same stretch when the clock is set, and never longer than the longest', async () => {
  const { clock, due, later } = world();
  later.wait({ id: 1, domain: 'a', flow }, clock.now() + 10_000);
  clock.step(-86_400_000);
  later.wait({ id: 2, domain: 'a', flow }, clock.now() + 90_000_000);
  await clock.advance(10_000);
  expect(due).toEqual([1]);
  await clock.advance(50_000);
  expect(due).toEqual([1, 2]);
});

test('close leaves no timer', () => {
  const { clock, later } = world();
  later.wait({ id: 1, domain: 'a', flow }, clock.now() + 10_000);
  later.close();
  expect(clock.pendingTimers).toBe(0);
});
