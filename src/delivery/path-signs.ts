import type { Outcome } from '../events/index.ts';
import type { OpenSession } from './egress-path.ts';
import { failureOutcome } from './outcome.ts';
import { isTlsCause } from './tls-sighting.ts';

// Messages in the hands of a session that is slow, or not known yet: the others could take them sooner, and what is cancelled
// meanwhile is still sent from there. RFC 2920 needs two: one with the server, the envelope of the next behind its dot.
export const mostWithSlow = 2;

/** A slow session: not with more than is worth while, nor where something urgent would stand behind what is under way. */
export function mayUseSlow(open: OpenSession): boolean {
  const { inFlight, path } = open;
  if (inFlight >= mostWithSlow || path.spares(open)) return false;
  return inFlight === 0 || !path.awaitsSession;
}

/** What happened to a session that ended before a message was handed to it. */
export function lostBeforeUse({ host, address, path, session }: OpenSession): Outcome {
  return failureOutcome(
    { origin: 'local', stage: 'session', cause: 'connection-lost', text: 'closed before the first message' },
    { host, address, source: path.source.ip, tls: session.tls, durationMs: 0 },
  );
}

/** Why no session can be opened now: the receiver says no, nobody is reached, or it is this machine that cannot. */
export function dialHold(outcome: Outcome): 'local-limit' | 'not-accepting' | 'tls-policy' | 'unreachable' {
  if (outcome.origin === 'remote') return 'not-accepting';
  if (isTlsCause(outcome.cause)) return 'tls-policy';
  return outcome.scope === 'source' ? 'local-limit' : 'unreachable';
}

export function saidBy(outcome: Outcome): string {
  return outcome.origin === 'remote'
    ? `${outcome.reply.code} ${outcome.reply.lines.join(' ')}`
    : outcome.text;
}
