import { endsWithLineEnd, stuffDots } from '../../protocol/smtp/index.ts';
import type { Channel } from './channel.ts';
import type { Transaction } from './contract.ts';

// Measured on loopback: below this, copying body, dot and the next envelope into one buffer is cheaper than a writev.
const copyOctets = 16 * 1024;
// A larger body goes out piece by piece, so that progress can be seen (RFC 5321 §4.5.3.2.5) and a slow receiver's
// session does not hold all of it in its write queue.
const pieceOctets = 64 * 1024;

const dot = '.\r\n';
const lineEndAndDot = '\r\n.\r\n';

/** Called while a body is written. */
export type BodyProgress = {
  /** The last piece is about to be written: from here on the message may arrive. Gives the commands to put behind the dot. */
  lastPiece(): string;
  /** A piece was handed to the kernel. */
  piece(): void;
};

/** Writes the message text and the final dot (RFC 5321 §4.1.1.4), dot-stuffed when needed. */
export function writeBody(channel: Channel, transaction: Transaction, progress: BodyProgress): void {
  const text = transaction.dotSafe ? transaction.body : stuffDots(transaction.body);
  // Without it the dot would end the last line instead of the message, and both sides would wait for each other.
  const end = endsWithLineEnd(text) ? dot : lineEndAndDot;
  if (text.length <= copyOctets) {
    channel.write(concatenate(text, end + progress.lastPiece()));
  } else {
    writePieces({ channel, text, end, progress }, 0);
  }
}

type LongBody = {
  readonly channel: Channel;
  readonly text: Buffer;
  readonly end: string;
  readonly progress: BodyProgress;
};

function writePieces(body: LongBody, from: number): void {
  const { channel, text, end, progress } = body;
  if (channel.closed) return;
  const to = from + pieceOctets;
  if (to >= text.length) {
    const behind = end + progress.lastPiece();
    channel.together(() => {
      channel.write(text.subarray(from));
      channel.write(behind);
    });
    return;
  }
  channel.write(text.subarray(from, to), () => {
    if (channel.closed) return;
    progress.piece();
    writePieces(body, to);
  });
}

function concatenate(text: Buffer, behind: string): Buffer {
  const octets = Buffer.byteLength(behind);
  const all = Buffer.allocUnsafe(text.length + octets);
  text.copy(all, 0);
  all.write(behind, text.length, octets, 'utf8');
  return all;
}
