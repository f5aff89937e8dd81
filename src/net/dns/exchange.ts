import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import type { Clock } from '../../base/index.ts';
import { readMessage } from './message.ts';
import type { DnsMessage } from './message.ts';
import { makeQuery } from './question.ts';
import type { Query, Question } from './question.ts';
import type { DnsServer } from './server-address.ts';

/** A response, or why this try gave none. */
export type Exchanged = DnsMessage | { readonly failed: 'timeout' | 'malformed' | 'unreachable' };

/** One try of one question at one server. `signal` gives it up (the resolver is closed). */
export type Try = {
  readonly question: Question;
  readonly server: DnsServer;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

const formErr = 1;
const notImp = 4;

/** Asks by UDP, by TCP when the answer was cut off, without EDNS when the server does not know it. Never rejects. */
export async function exchange(attempt: Try): Promise<Exchanged> {
  const first = await overUdpThenTcp(attempt, true);
  // RFC 6891 §7: a server that does not know EDNS says FORMERR or NOTIMP.
  const withoutEdns = 'rcode' in first && (first.rcode === formErr || first.rcode === notImp);
  return withoutEdns ? overUdpThenTcp(attempt, false) : first;
}

async function overUdpThenTcp(attempt: Try, edns: boolean): Promise<Exchanged> {
  const answer = await overUdp(attempt, makeQuery(attempt.question, edns));
  // RFC 5966 §4, RFC 7766 §5: TC means that the rest is to be had by TCP.
  if ('rcode' in answer && answer.truncated) return overTcp(attempt, makeQuery(attempt.question, edns));
  return answer;
}

/** A fresh socket for each query, so that the system draws a fresh random port (RFC 5452 §9.2). */
function overUdp(attempt: Try, query: Query): Promise<Exchanged> {
  const { server, question } = attempt;
  const socket = createSocket(isIPv6(server.address) ? 'udp6' : 'udp4');
  const wait = until(attempt, () => socket.close());
  socket.on('error', () => wait.finish({ failed: 'unreachable' }));
  socket.on('message', (bytes) => {
    const message = readMessage(bytes, query, question);
    // Whoever sent it, the real answer may still come.
    if (message === 'foreign') return;
    wait.finish(message === 'malformed' ? { failed: 'malformed' } : message);
  });
  // Connected: datagrams from elsewhere are dropped by the kernel, and a closed port is reported.
  socket.connect(server.port, server.address, () => {
    if (!wait.over()) socket.send(query.bytes, () => {});
  });
  return wait.result;
}

function overTcp(attempt: Try, query: Query): Promise<Exchanged> {
  const { server, question } = attempt;
  const socket = connect({ host: server.address, port: server.port, autoSelectFamily: false });
  const wait = until(attempt, () => socket.destroy());
  const received = new LengthPrefixed();
  socket.on('error', () => wait.finish({ failed: 'unreachable' }));
  socket.on('close', () => wait.finish({ failed: 'unreachable' }));
  socket.once('connect', () => {
    // RFC 1035 §4.2.2: two octets of length before the message.
    const length = Buffer.alloc(2);
    length.writeUInt16BE(query.bytes.length);
    socket.write(Buffer.concat([length, query.bytes]));
  });
  socket.on('data', (chunk: Buffer) => {
    const bytes = received.push(chunk);
    if (bytes === null) return;
    const message = readMessage(bytes, query, question);
    // A connection carries our query alone: whatever else comes on it is a broken server.
    wait.finish(typeof message === 'string' ? { failed: 'malformed' } : message);
  });
  return wait.result;
}

/** One result, by whichever comes first: the answer, the time limit, or the closing of the resolver. */
function until(attempt: Try, cleanUp: () => void): Waiting {
  const { promise, resolve } = Promise.withResolvers<Exchanged>();
  let over = false;
  const finish = (result: Exchanged): void => {
    if (over) return;
    over = true;
    timer.cancel();
    attempt.signal.removeEventListener('abort', aborted);
    cleanUp();
    resolve(result);
  };
  const aborted = (): void => finish({ failed: 'unreachable' });
  const timer = attempt.clock.after(attempt.timeoutMs, () => finish({ failed: 'timeout' }));
  attempt.signal.addEventListener('abort', aborted);
  return { result: promise, finish, over: () => over };
}

type Waiting = {
  readonly result: Promise<Exchanged>;
  readonly finish: (result: Exchanged) => void;
  readonly over: () => boolean;
};

/** Collects one message with its length before it (RFC 1035 §4.2.2), 65,535 octets at most by its form. */
class LengthPrefixed {
  #bytes = Buffer.alloc(2);
  #filled = 0;
  #sized = false;

  /** The message once it is complete; what follows it is dropped. */
  push(chunk: Buffer): Buffer | null {
    let rest = chunk;
    if (!this.#sized) {
      rest = this.#fill(rest);
      if (this.#filled < 2) return null;
      this.#bytes = Buffer.alloc(this.#bytes.readUInt16BE(0));
      this.#filled = 0;
      this.#sized = true;
    }
    this.#fill(rest);
    return this.#filled === this.#bytes.length ? this.#bytes : null;
  }

  #fill(chunk: Buffer): Buffer {
    const taken = chunk.copy(this.#bytes, this.#filled);
    this.#filled += taken;
    return chunk.subarray(taken);
  }
}
