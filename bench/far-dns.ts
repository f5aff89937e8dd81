import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { decode, encode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';

/** The N-th of many small domains; its MX host is `mx.` before it. */
export function farDomain(index: number): string {
  return `d${index}.example`;
}

// RFC 1035 §4.1.1: recursion desired and available, as a resolver answers.
const flags = 0x0180;
const ttlSeconds = 3_600;

/** Answers for `farDomain`s after a delay: an MX host each, with an address of its own in 127.0.0.0/8. */
export async function startFarDns(delayMs: number): Promise<{ readonly port: number; close(): void }> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => {
    const query = decode(bytes);
    const response = encode({
      id: query.id ?? 0,
      type: 'response',
      flags,
      questions: query.questions ?? [],
      ...recordsFor(query),
    });
    setTimeout(() => {
      // Fails only when the socket was closed meanwhile: a lost packet.
      socket.send(response, from.port, from.address, () => undefined);
    }, delayMs);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, close: () => socket.close() };
}

function recordsFor(query: DecodedPacket): { answers: Answer[]; authorities: Answer[] } {
  const question = query.questions?.[0];
  const name = question?.name.toLowerCase() ?? '';
  const index = Number(/^(?:mx\.)?d(\d+)\.example$/.exec(name)?.[1] ?? Number.NaN);
  const isHost = name.startsWith('mx.');
  if (question?.type === 'MX' && !isHost && !Number.isNaN(index)) {
    const data = { preference: 10, exchange: `mx.${name}` };
    return { answers: [{ type: 'MX', name, ttl: ttlSeconds, data }], authorities: [] };
  }
  if (question?.type === 'A' && isHost) {
    // From 127.1.0.0 on: 127.0.0.0 is a broadcast address.
    const data = `127.${1 + (index >> 16)}.${(index >> 8) & 255}.${index & 255}`;
    return { answers: [{ type: 'A', name, ttl: ttlSeconds, data }], authorities: [] };
  }
  // RFC 2308 §2.2: no data of that type; the SOA says for how long that is known.
  const soa = { mname: 'ns.example', rname: 'root.example', serial: 1, refresh: 1, retry: 1, expire: 1 };
  const data = { ...soa, minimum: ttlSeconds };
  return { answers: [], authorities: [{ type: 'SOA', name: 'example', ttl: ttlSeconds, data }] };
}
