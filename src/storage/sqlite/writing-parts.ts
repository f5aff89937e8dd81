import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/index.ts';
import type { PendingNews } from './pending-news.ts';
import type { Suppressor } from './suppressor.ts';
import type { WaitingCount } from './waiting-count.ts';
import type { Writer } from './writer.ts';

/** What the parts of one opened store that write are given. */
export type WritingParts = {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly writer: Writer;
  readonly waiting: WaitingCount;
  readonly suppressor: Suppressor;
  readonly pending: PendingNews;
};
