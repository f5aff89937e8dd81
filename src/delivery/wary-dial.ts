import type { Clock } from '../base/index.ts';
import type { Dial, Suspect } from '../net/smtp-client/index.ts';

// As long as a host whose TLS is broken is spoken to in the clear: long enough to get the mail out, short enough that a
// host that was only restarted at a bad moment is soon quick again.
const believeMs = 3_600_000;
// Hosts in memory at most; when more fail within the hour it is our network and not theirs.
const mostHosts = 10_000;

/**
 * Dials a host without PIPELINING or CHUNKING for an hour after a session with it ended as if it could not keep to what it
 * offers. One for all paths of a thread: what one source IP finds out holds for the others.
 */
export function waryDial(dial: Dial, clock: Clock): Dial {
  const until: Readonly<Record<Suspect, Map<string, number>>> = {
    pipelining: new Map(),
    chunking: new Map(),
  };
  return (options) => {
    const { host } = options;
    const isSuspect = (suspect: Suspect): boolean => {
      const untilMs = until[suspect].get(host);
      if (untilMs === undefined) return false;
      if (untilMs > clock.monotonic()) return true;
      until[suspect].delete(host);
      return false;
    };
    return dial({
      ...options,
      ...(isSuspect('pipelining') ? { pipelining: false } : {}),
      ...(isSuspect('chunking') ? { chunking: false } : {}),
      onSuspect: (suspect) => {
        const known = until[suspect];
        if (known.size >= mostHosts) forgetOldest(known);
        known.delete(host);
        known.set(host, clock.monotonic() + believeMs);
        options.onSuspect?.(suspect);
      },
    });
  };
}

/** A Map keeps its keys in the order in which they were set. */
function forgetOldest(known: Map<string, number>): void {
  const [oldest] = known.keys();
  if (oldest !== undefined) known.delete(oldest);
}
