import { createFreeRoom as createRoom, StorageFull } from '../base/index.ts';
import type { FreeRoomOptions } from '../base/index.ts';

export type { FreeRoomOptions } from '../base/index.ts';

/**
 * Throws `StorageFull` while less than the reserve is free: the rest of the disk belongs to what we send and must be able to
 * write down, as with Postfix's queue_minfree. Whoever sends us mail keeps it until there is room.
 */
export function createFreeRoom(options: FreeRoomOptions): () => void {
  const isFree = createRoom(options);
  return () => {
    if (!isFree()) throw noRoom(options.folder, options.leastBytes);
  };
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
