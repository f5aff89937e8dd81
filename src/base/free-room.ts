import { statfsSync } from 'node:fs';
import type { Clock } from './clock.ts';

export type FreeRoomOptions = {
  /** On the disk whose room is watched. */
  readonly folder: string;
  /** What must stay free. */
  readonly leastBytes: number;
  readonly clock: Clock;
  /** Bytes that are free for us on the disk of a folder; left out: the system's answer. */
  readonly freeBytes?: (folder: string) => number;
};

// 100 mails of 10 MB take longer; asking costs 5 µs.
const askEveryMs = 1_000;

/** Tells whether at least so much is free on a disk; asks the system once a second at most. */
export function createFreeRoom(options: FreeRoomOptions): () => boolean {
  const { folder, leastBytes, clock, freeBytes = systemFreeBytes } = options;
  let askedMs = Number.NEGATIVE_INFINITY;
  let isFree = true;
  return () => {
    if (clock.monotonic() - askedMs >= askEveryMs) {
      askedMs = clock.monotonic();
      isFree = freeBytes(folder) >= leastBytes;
    }
    return isFree;
  };
}

function systemFreeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
