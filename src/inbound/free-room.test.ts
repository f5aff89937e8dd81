import { statfsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { StorageFull } from '../base/index.ts';
import { createFreeRoom } from './free-room.ts';

it('lets mail in while the reserve is free, and asks the disk once a second', async () => {
  const clock = new FakeClock();
  let free = 1_000;
  let asked = 0;
  const freeBytes = (): number => {
    asked += 1;
    return free;
  };
  const check = createFreeRoom({ folder: '/x', leastBytes: 1_000, clock, freeBytes });
  check();
  free = 999;
  check();
  expect(asked).toBe(1);
  await clock.advance(1_000);
  expect(check).toThrow(StorageFull);
  expect(check).toThrow(/inbound\.limits\.freeDisk/);
  expect(asked).toBe(2);
  free = 1_000;
  await clock.advance(1_000);
  expect(check).not.toThrow();
});

it('knows how much is free on the disk of a folder', () => {
  const folder = temporaryFolder();
  const { blocks, bsize } = statfsSync(folder);
  const clock = new FakeClock();
  expect(createFreeRoom({ folder, leastBytes: 1, clock })).not.toThrow();
  expect(createFreeRoom({ folder, leastBytes: blocks * bsize + 1, clock })).toThrow(StorageFull);
});
