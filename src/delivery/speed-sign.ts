import type { Attempted } from './settle.ts';

/**
 * What a reply says about our speed: `rate` too many messages, `connections` too many at a time, `mailbox` too many for this
 * recipient. null: nothing.
 */
export type SpeedSign = 'rate' | 'connections' | 'mailbox';

/** Reads a reply as a sign; what is not `deferred` is never one. */
export function speedSign({ outcome, reading }: Attempted): SpeedSign | null {
  if (outcome.kind !== 'deferred' || outcome.origin !== 'remote') return null;
  const { verdict, detail } = reading;
  // RFC 5321 §4.5.3.1.10: so many recipients in one message, which is not a matter of speed.
  if (detail === 'too-many-recipients') return null;
  // Everybody is told that once, at whatever speed: slower, each of a thousand recipients would wait for the one before.
  if (detail === 'greylisted') return null;
  if (detail === 'recipient-receives-too-much') return 'mailbox';
  const isRecipients = outcome.stage === 'rcpt' && outcome.reply.code !== 421;
  switch (verdict) {
    case 'toomanyconn':
      return isRecipients ? 'mailbox' : 'connections';
    case 'speeding':
      // At RCPT a 45x may speak of that mailbox; only 421 surely speaks of us (RFC 5321 §3.8).
      return isRecipients ? 'mailbox' : 'rate';
    case 'blocked':
      // For a time, and not for this recipient: it comes after too much of something.
      return outcome.stage === 'rcpt' ? null : 'rate';
    default:
      return null;
  }
}
