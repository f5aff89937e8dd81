import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock, Timer } from '../base/index.ts';
import type { LiftRequest } from '../delivery/index.ts';

// One process works in a data folder; another one asks it for something by a file there. A look at an empty folder takes
// 20 µs, and a person waits a second for it.
const lookEveryMs = 1_000;
// Whatever else is put there is left alone.
const mostRequests = 100;
const largestBytes = 4_096;

const written = z.strictObject({
  site: z.string().nullable(),
  source: z.string().nullable(),
  campaignId: z.int().nullable(),
  askedMs: z.number(),
});

/** Asks the process that works in the folder to lift stops. */
export function askToLift(
  folder: string,
  request: LiftRequest & { readonly askedMs: number },
  random: () => number,
): void {
  const place = join(folder, 'requests');
  mkdirSync(place, { recursive: true });
  const name = `lift-${request.askedMs}-${Math.floor(random() * 1e9)}`;
  // Whole or not at all: the other process may look at any moment.
  writeFileSync(join(place, `${name}.part`), JSON.stringify(request), { mode: 0o600 });
  renameSync(join(place, `${name}.part`), join(place, `${name}.json`));
}

/** Looks for requests now and then until `stop`; each is taken once. */
export function watchLiftRequests(
  folder: string,
  clock: Clock,
  take: (request: LiftRequest) => void,
): { stop(): void } {
  let timer: Timer;
  const look = (): void => {
    for (const request of takeRequests(join(folder, 'requests'))) take(request);
    timer = clock.after(lookEveryMs, look);
  };
  timer = clock.after(lookEveryMs, look);
  return { stop: () => timer.cancel() };
}

function takeRequests(place: string): readonly LiftRequest[] {
  const names = namesIn(place).filter((name) => name.endsWith('.json'));
  return names
    .toSorted()
    .slice(0, mostRequests)
    .flatMap((name) => {
      const file = join(place, name);
      const request = statSync(file).size <= largestBytes ? readRequest(file) : null;
      rmSync(file, { force: true });
      return request ?? [];
    });
}

/** Nobody has asked for anything yet where there is no folder. */
function namesIn(place: string): readonly string[] {
  try {
    return readdirSync(place);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** null: written by something else; it is dropped. */
function readRequest(file: string): LiftRequest | null {
  try {
    const parsed = written.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
