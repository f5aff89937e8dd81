import { createSocket } from 'node:dgram';
import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { decode, encode } from 'dns-packet';
import type { DecodedPacket, Packet } from 'dns-packet';
import type { Clock } from '../../src/base/index.ts';
import { answerQuery, bareAnswer, encodeForUdp } from './response.ts';
import type { Rcode } from './response.ts';
import type { Zone } from './zone.ts';

/** How a name may fail instead of being answered. */
export type DnsFault =
  | { readonly kind: 'servfail' | 'refused' }
  /** No answer ever. */
  | { readonly kind: 'timeout' }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly delayMs: number };

export type DnsServer = {
  /** `127.0.0.1:PORT`, as `dns.servers` wants it. */
  readonly place: string;
  readonly port: number;
  /** Makes all questions for a name fail; null heals it. */
  setFault(name: string, fault: DnsFault | null): void;
  /** Questions so far by `MX example.com` (lower case). */
  queries(): ReadonlyMap<string, number>;
  close(): Promise<void>;
};

export type DnsServerOptions = {
  readonly zone: Zone;
  readonly clock: Clock;
  /** 0 takes a free one. */
  readonly port: number;
  readonly faults?: Readonly<Record<string, DnsFault>>;
};

// Counters are by name, and names come from strangers: beyond this many, new ones share one counter.
const countedNames = 100_000;
// RFC 7766 §6.2.3 leaves it open; nobody here keeps a TCP connection on purpose.
const tcpIdleMs = 10_000;
const portAttempts = 20;

type Send = (response: Packet, query: DecodedPacket) => void;

/** Authoritative server over UDP and TCP on one port of 127.0.0.1. */
export async function startDnsServer(options: DnsServerOptions): Promise<DnsServer> {
  const counts = new Map<string, number>();
  const faults = new Map(
    Object.entries(options.faults ?? {}).map(([name, fault]) => [name.toLowerCase(), fault]),
  );

  const handle = (bytes: Buffer, send: Send): void => {
    const query = readQuery(bytes);
    if (query === null) return;
    // RFC 1035 §4.1.1: only QUERY (0) is served.
    if ((((query.flags ?? 0) >> 11) & 0xf) !== 0) return send(bareAnswer(query, 'notImp'), query);
    const [question] = query.questions ?? [];
    const name = question?.name.toLowerCase() ?? '';
    count(counts, `${question?.type ?? '?'} ${name}`);
    const fault = faults.get(name);
    if (fault === undefined) return send(answerQuery(query, options.zone), query);
    if (fault.kind === 'timeout') return;
    if (fault.kind === 'slow') {
      options.clock.after(fault.delayMs, () => send(answerQuery(query, options.zone), query));
      return;
    }
    const code: Rcode = fault.kind === 'servfail' ? 'servFail' : 'refused';
    send(bareAnswer(query, code), query);
  };

  const { udp, tcp, port, sockets } = await listen(options.port, handle);
  return {
    place: `127.0.0.1:${port}`,
    port,
    setFault(name, fault) {
      if (fault === null) faults.delete(name.toLowerCase());
      else faults.set(name.toLowerCase(), fault);
    },
    queries: () => new Map(counts),
    async close() {
      const closed = [once(udp, 'close'), once(tcp, 'close')];
      udp.close();
      tcp.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** null for what is not a query: a server never answers an answer, or two servers could talk for ever. */
function readQuery(bytes: Buffer): DecodedPacket | null {
  try {
    const packet = decode(bytes);
    return packet.type === 'query' ? packet : null;
  } catch {
    // Decision: bytes that are no DNS message get no answer, as if lost on the way.
    return null;
  }
}

function count(counts: Map<string, number>, key: string): void {
  const counted = counts.has(key) || counts.size < countedNames ? key : 'other';
  counts.set(counted, (counts.get(counted) ?? 0) + 1);
}

type Listening = { udp: UdpSocket; tcp: Server; port: number; sockets: ReadonlySet<Socket> };

/** UDP takes a port first; with port 0 that one may be taken for TCP, then another is tried. */
async function listen(port: number, handle: (bytes: Buffer, send: Send) => void): Promise<Listening> {
  for (let attempt = 1; ; attempt += 1) {
    const udp = createSocket('udp4');
    udp.bind(port, '127.0.0.1');
    await once(udp, 'listening');
    udp.on('message', (bytes: Buffer, from: RemoteInfo) => {
      handle(bytes, (response, query) => {
        // Sending fails only when the server was closed meanwhile; the client sees a lost packet.
        udp.send(encodeForUdp(response, query), from.port, from.address, () => undefined);
      });
    });
    const sockets = new Set<Socket>();
    const tcp = createServer((socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      serveTcp(socket, handle);
    });
    const bound = udp.address().port;
    try {
      tcp.listen(bound, '127.0.0.1');
      await once(tcp, 'listening');
      return { udp, tcp, port: bound, sockets };
    } catch (error) {
      udp.close();
      if (port !== 0 || attempt === portAttempts) throw error;
    }
  }
}

/** RFC 1035 §4.2.2: each message has two octets of length before it. */
function serveTcp(socket: Socket, handle: (bytes: Buffer, send: Send) => void): void {
  let input: Buffer = Buffer.alloc(0);
  socket.setTimeout(tcpIdleMs, () => socket.destroy());
  // A reset by the client ends the connection, and nothing else.
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: Buffer) => {
    input = input.length === 0 ? chunk : Buffer.concat([input, chunk]);
    while (input.length >= 2 && input.length >= 2 + input.readUInt16BE(0)) {
      const end = 2 + input.readUInt16BE(0);
      handle(input.subarray(2, end), (response) => {
        const body = encode(response);
        const length = Buffer.alloc(2);
        length.writeUInt16BE(body.length);
        if (!socket.destroyed) socket.write(Buffer.concat([length, body]));
      });
      input = input.subarray(end);
    }
  });
}
