import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import type { PaceEvent, StoredPace } from '../../delivery/index.ts';
import { openStore } from './open-store.ts';

const learnt = { rate: 46.5, ceiling: 50, confirmed: 2, windowMs: 0 };
const pace = (source: string | null, atMs: number): StoredPace => ({
  site: 'mx.a.example:25',
  source,
  pace: { learnt, quotas: { messagesPerDay: { newestSlot: 4, counts: [1, 0, 2] } }, atMs },
  connections: source === null ? null : 5,
});
const event = (atMs: number, source: string | null): PaceEvent => ({
  site: 'mx.a.example:25',
  source,
  because: 'speeding',
  from: null,
  to: 46.5,
  pauseMs: 1_000,
  atMs,
  detail: `421 slow down ${'x'.repeat(1_000)}`,
});

test('what was learnt comes back as it was, the newest word of each path, and every decision', () => {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-pace-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const clock = new FakeClock();
  const store = openStore({ folder, clock, create: true });
  store.paces.record([pace(null, 1), pace('192.0.2.1', 2)], [event(1, null)]);
  store.paces.record([pace(null, 3)], [event(3, null), event(4, '192.0.2.1')]);
  // Beside a process that works.
  const reader = openStore({ folder, clock, mode: 'read' });
  expect(reader.paces.paces()).toEqual([pace(null, 3), pace('192.0.2.1', 2)]);
  expect(reader.paces.eventsOf('mx.a.example:25', 2).map(({ atMs }) => atMs)).toEqual([4, 3]);
  const [own] = reader.paces.eventsOf('mx.a.example:25', 5, '192.0.2.1');
  expect(own).toMatchObject({ source: '192.0.2.1', from: null, to: 46.5, atMs: 4 });
  expect(own?.detail).toHaveLength(300);
  expect(reader.paces.eventsOf('elsewhere', 5)).toEqual([]);
  expect(reader.paths.holds()).toEqual([]);
  expect(reader.paths.repliesFrom(['mx.a.example'], 5)).toEqual([]);
  reader.close();
  store.close();
});
