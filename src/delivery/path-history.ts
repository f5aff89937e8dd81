import type { PathHold } from './ports.ts';

/** One reply or failure on a way out, as it is on record. */
export type PathReply = {
  readonly atMs: number;
  readonly host: string;
  /** Sending IP; null where the system chose. */
  readonly source: string | null;
  readonly outcome: string;
  readonly stage: string | null;
  /** null: nothing was said, it happened to us. */
  readonly replyCode: number | null;
  readonly said: string;
  readonly verdict: string | null;
};

/** What is on record of the ways out; read-only, also beside a process that sends. */
export interface PathHistory {
  /** Holds in force and the paces that messages wait at, whatever their `untilMs`; at most 10,000. */
  holds(): readonly PathHold[];
  /** Of the newest events those at these hosts, newest first; replies that are the same are one, the newest. */
  repliesFrom(hosts: readonly string[], limit: number): readonly PathReply[];
}
