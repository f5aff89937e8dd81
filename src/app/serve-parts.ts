import type { KeyStore } from '../access/index.ts';
import type { Bilingual, Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Metrics } from '../metrics/index.ts';
import type { MailStore, Outbox } from '../outbox/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import type { EventFeed } from '../webhooks/index.ts';

/** What every door of a running Todoku is opened with. */
export type ServeParts = {
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  readonly clock: Clock;
  readonly random: () => number;
  readonly outbox: Outbox;
  readonly mails: MailStore;
  readonly keys: KeyStore;
  readonly events: EventFeed;
  readonly metrics: Metrics;
  /** A line for whoever runs it. */
  readonly remark: (text: Bilingual) => void;
};

/** A part of a running Todoku that others can reach, or that reaches out. */
export type Door = {
  /** `http`, `submission`, `inbound`, `webhooks`. */
  readonly name: string;
  /** Where it listens; empty: nowhere. */
  readonly places: readonly { readonly host: string; readonly port: number }[];
  /** Takes nothing new from now on, ends what is under way within `graceMs`, lets go of everything; may be called again. */
  stop(graceMs: number): Promise<void>;
};
