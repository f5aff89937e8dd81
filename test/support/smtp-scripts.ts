import { bdat, expectLine, reply } from './smtp-peer.ts';
import type { PeerStep } from './smtp-peer.ts';

/** Greets like a server with PIPELINING. */
export const pipelining: readonly PeerStep[] = [
  reply('220 mx.example ESMTP'),
  expectLine(/^EHLO client\.example$/),
  reply(['250-mx.example', '250-PIPELINING', '250 8BITMIME']),
];

/** Greets like a server with PIPELINING and CHUNKING. */
export const chunking: readonly PeerStep[] = [
  reply('220 mx.example ESMTP'),
  expectLine(/^EHLO client\.example$/),
  reply(['250-mx.example', '250-PIPELINING', '250 CHUNKING']),
];

/** Awaits a whole transaction with BDAT. */
export const whole = (to: RegExp): readonly PeerStep[] => [expectLine(/^MAIL FROM:/), expectLine(to), bdat()];

/** Greets like one without extensions. */
export const plain: readonly PeerStep[] = [
  reply('220 mx.example'),
  expectLine(/^EHLO/),
  reply('250 mx.example'),
];

/** Awaits a whole envelope. */
export const envelope = (to: RegExp): readonly PeerStep[] => [
  expectLine(/^MAIL FROM:/),
  expectLine(to),
  expectLine(/^DATA$/),
];

export const quit: readonly PeerStep[] = [expectLine(/^QUIT$/), reply('221 bye')];

/** What a delivered transaction looks like. */
export const accepted = { kind: 'accepted', reply: { code: 250 } };
