import { StorageFull } from '../base/index.ts';
import type { Bilingual, Clock } from '../base/index.ts';
import { createAlarm } from './alarm.ts';
import type { WebhookProgress, WebhookStore } from './webhook.ts';

export type RecorderParts = {
  readonly store: Pick<WebhookStore, 'progress'>;
  readonly clock: Clock;
  readonly remark: (text: Bilingual) => void;
};

/** Where what happened comes from, and who is told that it is on record. */
export type Recorded = {
  /** What has happened since the last call. */
  readonly steps: () => readonly WebhookProgress[];
  readonly onRecorded: () => void;
};

/** Puts on record what happened at all endpoints, a little later and together. */
export type Recorder = {
  soon(): void;
  /** Now; false: there was no room, it will be tried again. */
  now(): boolean;
  stop(): void;
};

// One fsync for what came within; an event that was delivered in it costs no row.
const recordAfterMs = 20;
// A full disk lasts until somebody clears up, who looks at a log in his own time.
const againMs = 1_000;
const remarkEveryMs = 60 * 60_000;

export function createRecorder(
  { store, clock, remark }: RecorderParts,
  { steps, onRecorded }: Recorded,
): Recorder {
  /** Not on record yet, since the disk was full. */
  let kept: readonly WebhookProgress[] = [];
  let remarkedMs = Number.NEGATIVE_INFINITY;

  const full = (error: StorageFull): void => {
    alarm.within(againMs);
    const nowMs = clock.monotonic();
    if (nowMs - remarkedMs < remarkEveryMs) return;
    remarkedMs = nowMs;
    remark(error.text);
  };

  const now = (): boolean => {
    // One courier gives its steps once; while some are kept the couriers soon stand still.
    if (kept.length === 0) kept = steps();
    try {
      if (kept.length > 0) store.progress(kept);
    } catch (error) {
      if (!(error instanceof StorageFull)) throw error;
      full(error);
      return false;
    }
    kept = [];
    onRecorded();
    return true;
  };

  const alarm = createAlarm(clock, now);
  return { soon: () => alarm.within(recordAfterMs), now, stop: () => alarm.stop() };
}
