import type { Clock } from '../base/index.ts';

// The wrapper of bin/todoku.js and npm pass on signals that a terminal has already sent to the whole process group:
// what comes again this soon is the same key press. Nobody presses Ctrl-C twice in a fifth of a second.
const samePressMs = 200;

/** What of a process is used; a fake one in tests. */
export type SignalSource = {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
};

/** Exit code of a process that a second Ctrl-C ended: 128 + SIGINT. */
const interruptedExitCode = 130;

/** From the first call of the function on, SIGINT or SIGTERM aborts the signal; a second one ends the process. */
export function createInterruption(source: SignalSource, clock: Clock): () => AbortSignal {
  let controller: AbortController | null = null;
  return () => {
    if (controller !== null) return controller.signal;
    const created = new AbortController();
    controller = created;
    let firstAtMs: number | null = null;
    const onSignal = (): void => {
      if (firstAtMs === null) {
        firstAtMs = clock.monotonic();
        created.abort();
      } else if (clock.monotonic() - firstAtMs > samePressMs) {
        source.exit(interruptedExitCode);
      }
    };
    source.on('SIGINT', onSignal);
    source.on('SIGTERM', onSignal);
    return created.signal;
  };
}
