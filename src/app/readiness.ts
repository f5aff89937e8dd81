import { statfsSync } from 'node:fs';

/** What `/readyz` answers: null when everything is as it has to be, else what is not. */
export type Readiness = {
  /** Each check by name, true when it holds. */
  checks(): Readonly<Record<'accepting' | 'store' | 'engine' | 'disk', boolean>>;
  ready(): boolean;
  /** The process is ending: not ready from now on. */
  end(): void;
  /** The store stopped (`error`), or takes again (null). */
  trouble(error: unknown): void;
};

export type ReadinessParts = {
  readonly folder: string;
  /** Below it new mail is refused (`outbox.freeDiskBytes`). */
  readonly leastFreeBytes: number;
  readonly engineRuns: () => boolean;
  /** Left out: the system's answer. */
  readonly freeBytes?: (folder: string) => number;
};

/** Whether this process can take mail and deliver it now: what a balancer or an orchestrator asks before it sends work. */
export function createReadiness(parts: ReadinessParts): Readiness {
  const { folder, leastFreeBytes, engineRuns, freeBytes = freeBytesOf } = parts;
  let accepting = true;
  let storeTakes = true;
  const checks: Readiness['checks'] = () => ({
    accepting,
    store: storeTakes,
    engine: engineRuns(),
    disk: freeBytes(folder) >= leastFreeBytes,
  });
  return {
    checks,
    ready: () => Object.values(checks()).every(Boolean),
    end: () => void (accepting = false),
    trouble: (error) => void (storeTakes = error === null),
  };
}

/** Octets that are free for us on the disk of a folder. */
export function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
