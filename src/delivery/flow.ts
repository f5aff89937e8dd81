import type { Stream } from '../events/index.ts';

/**
 * Messages that stand in one queue of a path: those of a campaign, as far as one sending window holds for them. Paths
 * are shared fairly between flows, and transactional flows go first. A plain value, which crosses threads.
 */
export type Flow = {
  readonly campaignId: number;
  readonly stream: Stream;
  /** Which of the campaign's windows it is, e.g. `Asia/Tokyo`; '' where it has none. */
  readonly window: string;
  /** When that window closes, milliseconds since the epoch; Infinity where there is none. */
  readonly closesMs: number;
};

/** true when two values speak of the same queue; `closesMs` differs from one day to the next. */
export function isSameFlow(a: Flow, b: Flow): boolean {
  return a.campaignId === b.campaignId && a.window === b.window && a.stream === b.stream;
}
