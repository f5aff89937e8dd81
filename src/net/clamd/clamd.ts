import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import type { Clock } from '../../base/index.ts';

/** Where clamd listens. */
export type ClamdPlace = { readonly path: string } | { readonly host: string; readonly port: number };

export type ClamdReply =
  | { readonly kind: 'clean' }
  | { readonly kind: 'infected'; readonly name: string }
  /** It did not answer, or not in a way that can be believed. */
  | { readonly kind: 'failed'; readonly cause: string };

// clamd reads in pieces of this size; a longer chunk gains nothing.
const chunkOctets = 65_536;
// A reply is one line such as `stream: Eicar-Signature FOUND`.
const longestReplyOctets = 4_096;
// clamd gives a scan up after 120 s (MaxScanTime) by itself; a client waits no longer for a mail to be accepted.
const patienceMs = 60_000;

/**
 * Has clamd look through some octets: `zINSTREAM`, chunks behind their length as 4 octets in network byte order, an empty
 * chunk, then `stream: OK` or `stream: NAME FOUND` (clamd(8)). Never rejects.
 */
export async function scanWithClamd(
  content: Buffer,
  {
    place,
    clock,
    waitMs = patienceMs,
  }: { readonly place: ClamdPlace; readonly clock: Clock; readonly waitMs?: number },
): Promise<ClamdReply> {
  return await new Promise((resolve) => {
    const socket = createConnection(place);
    let reply = '';
    const end = (answer: ClamdReply): void => {
      timer.cancel();
      socket.destroy();
      resolve(answer);
    };
    const timer = clock.after(waitMs, () =>
      end({ kind: 'failed', cause: `clamd did not answer within ${waitMs} ms` }),
    );
    socket.once('connect', () => {
      send(socket, content);
    });
    socket.on('data', (bytes: Buffer) => {
      reply += bytes.toString('latin1');
      if (reply.includes('\0')) end(readReply(reply.slice(0, reply.indexOf('\0'))));
      else if (reply.length > longestReplyOctets) end({ kind: 'failed', cause: 'clamd says too much' });
    });
    // It closes when the limit of its configuration is exceeded, sometimes in the middle of what we send.
    socket.on('error', (error) =>
      end(reply === '' ? { kind: 'failed', cause: `clamd: ${error.message}` } : readReply(reply)),
    );
    socket.once('close', () =>
      end(reply === '' ? { kind: 'failed', cause: 'clamd closed the connection' } : readReply(reply)),
    );
  });
}

/** Writes as the socket takes it, so that of a large file no second copy waits in memory. */
function send(socket: Socket, content: Buffer): void {
  socket.write('zINSTREAM\0');
  let at = 0;
  const more = (): void => {
    while (at < content.length) {
      const chunk = content.subarray(at, at + chunkOctets);
      const length = Buffer.allocUnsafe(4);
      length.writeUInt32BE(chunk.length);
      socket.write(length);
      at += chunk.length;
      if (!socket.write(chunk)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.write(Buffer.alloc(4));
  };
  more();
}

function readReply(line: string): ClamdReply {
  const text = line.trim();
  if (text === 'stream: OK') return { kind: 'clean' };
  const name = /^stream: (.{1,200}) FOUND$/.exec(text)?.[1];
  if (name !== undefined) return { kind: 'infected', name };
  return { kind: 'failed', cause: `clamd said ${JSON.stringify(text.slice(0, 200))}` };
}
