import { statfsSync } from 'node:fs';
import { StorageFull } from '../base/index.ts';
import type { Clock } from '../base/index.ts';

export type FreeRoomOptions = {
  /** On the disk whose room is watched. */
  readonly folder: string;
  /** What strangers may not use up. */
  readonly leastBytes: number;
  readonly clock: Clock;
  /** Bytes that are free for us on the disk of a folder; left out: the system's answer. */
  readonly freeBytes?: (folder: string) => number;
};

// 100 mails of 10 MB take longer; asking costs 5 µs.
const askEveryMs = 1_000;

/**
 * Throws `StorageFull` while less than the reserve is free: the rest of the disk belongs to what we send and must be able to
 * write down, as with Postfix's queue_minfree. Whoever sends us mail keeps it until there is room.
 */
export function createFreeRoom(options: FreeRoomOptions): () => void {
  const { folder, leastBytes, clock, freeBytes = systemFreeBytes } = options;
  let askedMs = Number.NEGATIVE_INFINITY;
  let isFree = true;
  return () => {
    if (clock.monotonic() - askedMs >= askEveryMs) {
      askedMs = clock.monotonic();
      isFree = freeBytes(folder) >= leastBytes;
    }
    if (!isFree) throw noRoom(folder, leastBytes);
  };
}

function systemFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function noRoom(folder: string, leastBytes: number): StorageFull {
  const megabytes = Math.ceil(leastBytes / 1_000_000);
  return new StorageFull('full', {
    code: 'inbound-no-room',
    message: {
      ja: `${folder} のディスクの空きが ${megabytes}MB（inbound.limits.freeDisk）を切りました`,
      en: `less than ${megabytes}MB (inbound.limits.freeDisk) is free on the disk of ${folder}`,
    },
    hint: { ja: 'ディスクに空きを作ってください', en: 'make room on the disk' },
  });
}
