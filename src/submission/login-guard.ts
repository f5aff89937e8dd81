import type { Clock } from '../base/index.ts';
import { clientName } from '../net/smtp-server/index.ts';

/** What a login attempt has to wait, and whether it may be made at all. */
export type LoginGuard = {
  /** Whether a client may connect: not after many failures. */
  isShutOut(address: string): boolean;
  /** Milliseconds that the answer to this attempt is held back. */
  delayMs(attempt: LoginAttempt): number;
  failed(attempt: LoginAttempt): void;
  succeeded(attempt: LoginAttempt): void;
};

/** `name`: which key was tried, as far as the password says. */
export type LoginAttempt = { readonly address: string; readonly name: string };

// Who mistypes does so a few times; a device with an old password tries for ever, and should hear 535 at once.
const freeFailures = 3;
const longestDelayMs = 10_000;
// A secret has 256 bits: this is against the load of guessing and the noise in the log, not against a hit.
const shutOutAfter = 30;
const forgottenAfterMs = 15 * 60_000;
// 150 bytes each; beyond it the one that was quiet longest is forgotten.
const mostKept = 10_000;

type Failures = { count: number; lastMs: number };

/**
 * Slows guessing down, by address and by key. An address from which a key was used rightly is not slowed by others'
 * guesses at that key: nobody can lock an application out.
 */
export function createLoginGuard(clock: Pick<Clock, 'monotonic'>): LoginGuard {
  const byAddress = new Map<string, Failures>();
  const byName = new Map<string, Failures>();
  const trusted = new Map<string, true>();
  const countOf = (failures: Map<string, Failures>, key: string): number => {
    const known = failures.get(key);
    return known === undefined || clock.monotonic() - known.lastMs > forgottenAfterMs ? 0 : known.count;
  };
  const add = (failures: Map<string, Failures>, key: string): void => {
    const count = countOf(failures, key) + 1;
    failures.delete(key);
    failures.set(key, { count, lastMs: clock.monotonic() });
    forgetOldest(failures);
  };
  const pair = ({ address, name }: LoginAttempt): string => `${clientName(address)} ${name}`;
  return {
    isShutOut: (address) => countOf(byAddress, clientName(address)) >= shutOutAfter,
    delayMs(attempt) {
      const ofName = trusted.has(pair(attempt)) ? 0 : countOf(byName, attempt.name);
      const most = Math.max(countOf(byAddress, clientName(attempt.address)), ofName);
      return most < freeFailures ? 0 : Math.min(longestDelayMs, 250 * 2 ** (most - freeFailures));
    },
    failed(attempt) {
      add(byAddress, clientName(attempt.address));
      add(byName, attempt.name);
    },
    succeeded(attempt) {
      trusted.delete(pair(attempt));
      trusted.set(pair(attempt), true);
      forgetOldest(trusted);
      // Not the address's failures: one right key must not buy free guesses at others.
    },
  };
}

function forgetOldest(known: Map<string, unknown>): void {
  if (known.size <= mostKept) return;
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
