import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { createSegmentReader, openSegmentLog } from '../segments/index.ts';
import type { RecordPlace, SegmentLog } from '../segments/index.ts';
import { numberOf, onlyRow } from './row.ts';
import { storageError } from './storage-errors.ts';

/** The bytes of stored mail, in `bodies/` of the data folder. */
export type BodyFiles = {
  /** In any process and thread; null: no longer kept, or damaged. */
  read(place: RecordPlace): Buffer | null;
  /** Opens them for writing, once; what fails is told as by the rest of the store. */
  openLog(): Promise<SegmentLog>;
  close(): void;
};

// Large enough that a thousand of them hold 64 GB, small enough that moving what is left of one is little work.
const segmentOctets = 64 * 1024 * 1024;

export function bodyFiles(db: DatabaseSync, dataFolder: string): BodyFiles {
  const folder = join(dataFolder, 'bodies');
  const reader = createSegmentReader(folder);
  // 8: the head of a record, which stands before its octets (segments/record.ts).
  const known = db.prepare(
    `SELECT coalesce(max(start + octets + 8), 0) AS known FROM mail_body WHERE segment = ?`,
  );
  const knownEnd = (segment: number): number => numberOf(onlyRow(known.get(segment)), 'known');
  return {
    read: (place) => reader.read(place),
    async openLog() {
      try {
        return toldLog(await openSegmentLog({ folder, segmentOctets, knownEnd }), dataFolder);
      } catch (error) {
        throw storageError(error, dataFolder);
      }
    },
    close: () => reader.close(),
  };
}

/** The same log, whose failures are told as `AppError`s. */
function toldLog(log: SegmentLog, folder: string): SegmentLog {
  return {
    ...log,
    async append(bodies) {
      try {
        return await log.append(bodies);
      } catch (error) {
        throw storageError(error, folder);
      }
    },
  };
}
