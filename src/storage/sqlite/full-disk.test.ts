import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AppError, StorageFull } from '../../base/index.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { fillDisk, mayMount, smallDisk } from '../../../test/support/small-disk.ts';
import { closedAfter } from '../../../test/contract/contract-store.ts';
import { openStore } from './open-store.ts';
import { final, recipients, waitingIds } from '../../../test/contract/samples.ts';

const clock = new FakeClock();

function thrown(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

describe.skipIf(!mayMount())('a full disk', () => {
  test('is told as StorageFull, loses nothing, and committing goes on when there is room', () => {
    const { folder } = smallDisk('size=4m');
    const store = closedAfter(openStore({ folder, clock, create: true }));
    openCampaign(store, recipients(3_000));
    const ids = waitingIds(store.delivery, 1_000);
    const batches = Array.from({ length: 30 }, (_, at) => ids.slice(at * 100, at * 100 + 100));
    const ballast = fillDisk(folder);
    const failed = batches.filter((batch) => {
      const settlements = batch.map((id) => final(id, 'delivered'));
      const error = thrown(() => store.delivery.commit(settlements, [], []));
      if (error instanceof StorageFull) return true;
      expect(error).toEqual({ dropped: 0 });
      return false;
    });
    // Each time that one failed, what is there is exactly what was acknowledged.
    expect(failed.length).toBeGreaterThan(10);
    const committed = (batches.length - failed.length) * 100;
    expect(store.reports.ledger()).toMatchObject({
      ok: true,
      total: { accepted: 3_000, delivered: committed },
    });
    expect(store.delivery.waitingCount()).toBe(3_000 - committed);
    rmSync(ballast);
    for (const batch of failed) {
      const settlements = batch.map((id) => final(id, 'delivered'));
      expect(store.delivery.commit(settlements, [], [])).toEqual({ dropped: 0 });
    }
    expect(store.reports.ledger()).toMatchObject({ ok: true, total: { delivered: 3_000, waiting: 0 } });
    expect(store.campaigns.finishDone()).toHaveLength(1);
  });

  test('stops recipients from being stored, whole batches at a time', () => {
    const { folder } = smallDisk('size=4m');
    const store = closedAfter(openStore({ folder, clock, create: true }));
    const { id } = store.campaigns.create({ ...openCampaign(store, recipients(1)), name: 'c-2' });
    const ballast = fillDisk(folder);
    let stored = 0;
    let error: unknown;
    while (stored < 100_000) {
      error = thrown(() => store.campaigns.addRecipients(id, recipients(1_000, `r${stored}-`)));
      if (error instanceof Error) break;
      stored += 1_000;
    }
    expect(error).toBeInstanceOf(StorageFull);
    expect(error).toMatchObject({ code: 'storage-full', failure: 'full', exitCode: 2 });
    rmSync(ballast);
    store.campaigns.open(id);
    expect(store.reports.ledger()).toMatchObject({ ok: true, total: { accepted: stored + 1 } });
  });

  test('when there is no room for a new data folder, nothing half-done is left', () => {
    const { folder } = smallDisk('size=1m');
    const ballast = fillDisk(folder);
    const data = join(folder, 'data');
    for (const freed of [0, 8_192, 16_384, 40_960]) {
      const size = readFileSync(ballast).length;
      writeFileSync(ballast, Buffer.alloc(size - freed));
      const error = thrown(() => openStore({ folder: data, clock, create: true }));
      expect([freed, error]).toEqual([freed, expect.any(StorageFull)]);
      expect(readdirSync(folder)).toEqual(['ballast']);
      fillDisk(folder);
    }
    rmSync(ballast);
    openStore({ folder: data, clock, create: true }).close();
  });
});

describe.skipIf(!mayMount())('a read-only disk', () => {
  test('is told in one line by a command that works', () => {
    const disk = smallDisk('size=4m');
    const error = whenReadOnly(disk, () =>
      openStore({ folder: join(disk.folder, 'data'), clock, create: true }),
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'storage-read-only', exitCode: 2 });
    expect(readdirSync(disk.folder)).toEqual([]);
  });

  test('is told for a data folder that exists, which stays as it is', () => {
    const disk = smallDisk('size=4m');
    openStore({ folder: disk.folder, clock, create: true }).close();
    const before = readdirSync(disk.folder);
    const error = whenReadOnly(disk, () => openStore({ folder: disk.folder, clock, create: true }));
    expect(error).toMatchObject({ code: 'storage-read-only' });
    expect(readdirSync(disk.folder)).toEqual(before);
  });

  test('can be read, such as a backup that is mounted to look something up', () => {
    const disk = smallDisk('size=4m');
    const writer = openStore({ folder: disk.folder, clock, create: true });
    openCampaign(writer, recipients(3));
    writer.close();
    disk.remount('ro');
    onTestFinished(() => disk.remount('rw'));
    const reader = closedAfter(openStore({ folder: disk.folder, clock, mode: 'read' }));
    expect(reader.reports.ledger()).toMatchObject({ ok: true, total: { waiting: 3 } });
    expect(reader.isWorking()).toBe(false);
  });
});

function whenReadOnly(disk: ReturnType<typeof smallDisk>, call: () => unknown): unknown {
  disk.remount('ro');
  try {
    return thrown(call);
  } finally {
    disk.remount('rw');
  }
}
