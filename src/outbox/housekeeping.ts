import type { Clock, Timer } from '../base/index.ts';
import type { BodyKey, BodySegments, KeepingStore, PlacedBody } from './keeping-ports.ts';
import type { BodyPlace } from './outbox.ts';

export type HousekeepingParts = {
  readonly store: KeepingStore;
  readonly segments: BodySegments;
  readonly read: (place: BodyPlace) => Buffer | null;
  readonly clock: Clock;
  /** How long bodies are kept after the end of their last message. */
  readonly retentionMs: number;
  /** A round failed: a full disk, or a bug. The next one tries again. */
  readonly onTrouble: (error: unknown) => void;
};

export type Housekeeping = {
  /** One whole round now; for tests, and for whoever wants room at once. */
  round(): Promise<void>;
  /** Begins nothing new; resolves when the step under way has ended. */
  stop(): Promise<void>;
};

// A round over what is old costs 20 µs a body, and looks at nothing that is younger than the retention.
const betweenRoundsMs = 60_000;
// 64 bodies of one recipient each take 1 ms; between two steps everything else has its turn.
const bodiesPerStep = 64;
const betweenStepsMs = 20;
// A failure notice returns the mail that failed (RFC 3462), and is written a moment after the failure.
const leastRetentionMs = 10 * 60_000;
// Moving what is left of a segment costs as much as writing it; below a quarter three times as much room is won.
const worthMoving = 0.25;
const movedOctetsPerStep = 4 * 1024 * 1024;
// Carriers read rows at most a second ahead of their turn, and a batch commits within milliseconds of its fsync: after
// this long nobody reads in a segment that no row refers to, and no row that refers to it is on its way.
const restMs = 60_000;

const beginning: BodyKey = { mailId: 0, number: -1 };

/** Removes bodies that are kept no longer: row by row out of the record, then whole segments off the disk. */
export function startHousekeeping(parts: HousekeepingParts): Housekeeping {
  const { clock, onTrouble } = parts;
  const emptySince = new Map<number, number>();
  let timer: Timer | null = null;
  let stopping = false;
  let running: Promise<void> = Promise.resolve();

  /** End the pauses that rounds are in. */
  const wakes = new Set<() => void>();

  const pause = async (): Promise<void> => {
    if (stopping) return;
    const over = Promise.withResolvers<void>();
    wakes.add(over.resolve);
    const ending = clock.after(betweenStepsMs, over.resolve);
    await over.promise;
    ending.cancel();
    wakes.delete(over.resolve);
  };

  const round = async (): Promise<void> => {
    while (!stopping && parts.store.pruneAnswers(clock.now(), bodiesPerStep)) await pause();
    for (const { number, octets, isCurrent } of parts.segments.segments()) {
      if (stopping) return;
      await forget(parts, { number, pause, isOver: () => stopping });
      const left = parts.store.left(number);
      if (isCurrent) continue;
      if (left.bodies === 0) removeRested(parts, number, emptySince);
      else if (left.octets < octets * worthMoving)
        await move(parts, { number, pause, isOver: () => stopping });
    }
  };
  const plan = (): void => {
    if (stopping) return;
    timer = clock.after(betweenRoundsMs, () => {
      running = once();
    });
  };
  const once = async (): Promise<void> => {
    try {
      await round();
    } catch (error) {
      onTrouble(error);
    }
    plan();
  };
  plan();
  return {
    round,
    async stop() {
      stopping = true;
      timer?.cancel();
      for (const wake of wakes) wake();
      await running;
    },
  };
}

type Work = {
  readonly number: number;
  readonly pause: () => Promise<void>;
  readonly isOver: () => boolean;
};

async function forget(
  { store, clock, retentionMs }: HousekeepingParts,
  { number, pause, isOver }: Work,
): Promise<void> {
  const settledBeforeMs = clock.now() - Math.max(retentionMs, leastRetentionMs);
  for (let after: BodyKey | null = beginning; after !== null && !isOver();) {
    after = store.forgetOld({ segment: number, after, settledBeforeMs, limit: bodiesPerStep });
    if (after !== null) await pause();
  }
}

/** Copies what is left of a segment to the newest one; the file itself goes when it has rested. */
async function move(parts: HousekeepingParts, { number, pause, isOver }: Work): Promise<void> {
  while (!isOver()) {
    const bodies = fitting(parts.store.bodiesIn(number, bodiesPerStep));
    if (bodies.length === 0) return;
    const found = bodies.map((from) => ({ from, bytes: parts.read(from.place) }));
    const damaged = found.flatMap(({ from, bytes }) => (bytes === null ? [from] : []));
    if (damaged.length > 0) parts.store.lose(damaged);
    const whole = found.flatMap(({ from, bytes }) => (bytes === null ? [] : [{ from, bytes }]));
    const places = await parts.segments.append(whole.map(({ bytes }) => bytes));
    parts.store.moved(
      whole.flatMap(({ from }, at) => {
        const to = places[at];
        return to === undefined ? [] : [{ from, to }];
      }),
    );
    await pause();
  }
}

/** As many as a step may copy, and one at least. */
function fitting(bodies: readonly PlacedBody[]): readonly PlacedBody[] {
  let octets = 0;
  const end = bodies.findIndex(({ place }, at) => {
    octets += place.octets;
    return at > 0 && octets > movedOctetsPerStep;
  });
  return end < 0 ? bodies : bodies.slice(0, end);
}

function removeRested(
  { segments, clock }: HousekeepingParts,
  number: number,
  emptySince: Map<number, number>,
): void {
  const nowMs = clock.monotonic();
  const sinceMs = emptySince.get(number) ?? nowMs;
  emptySince.set(number, sinceMs);
  if (nowMs - sinceMs < restMs) return;
  segments.remove(number);
  emptySince.delete(number);
}
