import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export type BatchPeer = {
  readonly port: number;
  /** Batches answered after EHLO: the round trips that the client had to wait for. */
  readonly batches: number;
  readonly messages: number;
  close(): Promise<void>;
};

/**
 * A receiver at the far end of a slow line: it answers only when the client has sent all that it can without a reply, and
 * then everything at once, so that the number of answers is the number of round trips, whatever the clock says. `expected`
 * messages in all, `inFlight` whole ones at a time with BDAT.
 */
export async function startBatchPeer(options: {
  readonly chunking: boolean;
  readonly expected: number;
  readonly inFlight: number;
}): Promise<BatchPeer> {
  const sockets = new Set<Socket>();
  const count = { batches: 0, messages: 0 };
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // the client may be gone first
    serve(socket, options, count);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    // A TCP server that listens has an AddressInfo.
    port: (server.address() as AddressInfo).port,
    get batches() {
      return count.batches;
    },
    get messages() {
      return count.messages;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

type Counts = { batches: number; messages: number };

function serve(
  socket: Socket,
  options: { readonly chunking: boolean; readonly expected: number; readonly inFlight: number },
  count: Counts,
): void {
  const extensions = options.chunking
    ? '250-mx\r\n250-PIPELINING\r\n250 CHUNKING\r\n'
    : '250-mx\r\n250 PIPELINING\r\n';
  let rest = '';
  let answers = '';
  /** In DATA's text; whole messages answered in this batch; how many of them the client may have in flight. */
  let dotted = false;
  let inBatch = 0;
  let allowed = 1;
  const answerAll = (): void => {
    socket.write(answers);
    answers = '';
    if (inBatch > 0) allowed = options.inFlight;
    inBatch = 0;
    count.batches += 1;
  };
  const wholeDone = (): void => {
    answers += '250 taken\r\n';
    count.messages += 1;
    inBatch += 1;
  };
  const line = (text: string): void => {
    if (dotted) {
      if (text !== '.') return;
      dotted = false;
      wholeDone();
      // Behind the last one nothing more can come.
      if (count.messages === options.expected) answerAll();
    } else if (text.startsWith('EHLO')) socket.write(extensions);
    else if (text === 'QUIT') socket.end('221 bye\r\n');
    else if (text === 'DATA') {
      dotted = true;
      answers += '354 go\r\n';
      answerAll();
    } else answers += '250 ok\r\n';
  };
  socket.on('data', (bytes: Buffer) => {
    rest += bytes.toString('latin1');
    for (let end = rest.indexOf('\r\n'); end !== -1; end = rest.indexOf('\r\n')) {
      const octets = Number(/^BDAT (\d+) LAST\r\n/.exec(rest)?.[1] ?? Number.NaN);
      if (Number.isNaN(octets)) {
        const text = rest.slice(0, end);
        rest = rest.slice(end + 2);
        line(text);
      } else if (rest.length < end + 2 + octets) return;
      else {
        rest = rest.slice(end + 2 + octets);
        wholeDone();
        if (inBatch === allowed || count.messages === options.expected) answerAll();
      }
    }
  });
  socket.write('220 mx ESMTP\r\n');
}
