import type { Load } from '../load.ts';

/** What a contender has to do: bring `count` messages of a load to the sink. */
export type Task = {
  readonly load: Load;
  readonly count: number;
  readonly port: number;
  /** Resolves when all messages are at the sink. */
  readonly complete: Promise<void>;
  /** A fresh folder. */
  readonly folder: string;
  /** RSA-2048 private key in PEM form. */
  readonly keyFile: string;
};

export type Result = {
  readonly messages: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** CPU per further message of delivery alone: without storing, loading, and the start of threads. */
  readonly engineCpuMs?: number;
};

export type Contender = {
  readonly name: string;
  /** What it does, for the report. */
  readonly about: string;
  /** Why it cannot run here; null: it can. */
  readonly missing: () => string | null;
  /** true when messages arrive at the sink. */
  readonly delivers: boolean;
  readonly run: (task: Task) => Promise<Result>;
};

/** No contender needs longer for the counts used; a hanging one fails the run. */
export const limitMs = 600_000;
