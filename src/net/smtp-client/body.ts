import { endsWithLineEnd, stuffDots } from '../../protocol/smtp/index.ts';
import type { Channel } from './channel.ts';
import type { Transaction } from './contract.ts';

// Measured on loopback: below this, copying body, dot and the next envelope into one buffer is cheaper than a writev.
const copyOctets = 16 * 1024;
// A larger body goes out piece by piece, so that progress can be seen (RFC 5321 §4.5.3.2.5) and a slow receiver's
// session does not hold all of it in its write queue.
const pieceOctets = 64 * 1024;

const dot = '.\r\n';
const lineEnd = '\r\n';
const lineEndAndDot = '\r\n.\r\n';

/** Called while a body is written. */
export type BodyProgress = {
  /** The last piece is about to be written: from here on the message may arrive. Gives the commands to put behind it. */
  lastPiece(): string;
  /** A piece was handed to the kernel. */
  piece(): void;
  /** All of it was handed to the channel. */
  written(): void;
};

/** Writes the message text and the final dot (RFC 5321 §4.1.1.4), dot-stuffed when needed. */
export function writeBody(channel: Channel, transaction: Transaction, progress: BodyProgress): void {
  const text = transaction.dotSafe ? transaction.body : stuffDots(transaction.body);
  // Without it the dot would end the last line instead of the message, and both sides would wait for each other.
  const end = endsWithLineEnd(text) ? dot : lineEndAndDot;
  writeText({ channel, before: '', text, end, progress });
}

/** Writes commands, BDAT and the message as one chunk: counted, so never dot-stuffed (RFC 3030 §2). */
export function writeChunk(
  channel: Channel,
  message: { readonly before: string; readonly transaction: Transaction },
  progress: BodyProgress,
): void {
  const text = message.transaction.body;
  // DATA cannot end otherwise; with BDAT a message should not look different at the other side.
  const end = endsWithLineEnd(text) ? '' : lineEnd;
  const before = `${message.before}BDAT ${text.length + end.length} LAST\r\n`;
  writeText({ channel, before, text, end, progress });
}

type Text = {
  readonly channel: Channel;
  readonly before: string;
  readonly text: Buffer;
  readonly end: string;
  readonly progress: BodyProgress;
};

function writeText(all: Text): void {
  const { channel, before, text, end, progress } = all;
  if (text.length <= copyOctets) {
    channel.writeJoined(before, text, end + progress.lastPiece());
    progress.written();
  } else if (before === '') {
    writePieces(all, 0);
  } else {
    channel.together(() => {
      channel.write(before);
      writePieces(all, 0);
    });
  }
}

function writePieces(all: Text, from: number): void {
  const { channel, text, end, progress } = all;
  if (channel.closed) return;
  const to = from + pieceOctets;
  if (to >= text.length) {
    const behind = end + progress.lastPiece();
    channel.together(() => {
      channel.write(text.subarray(from));
      if (behind !== '') channel.write(behind);
    });
    progress.written();
    return;
  }
  channel.write(text.subarray(from, to), () => {
    if (channel.closed) return;
    progress.piece();
    writePieces(all, to);
  });
}
