import { decode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { Query, Question } from './question.ts';

/** A response that belongs to the query. */
export type DnsMessage = {
  readonly rcode: number;
  readonly truncated: boolean;
  readonly authenticated: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
};

const headerOctets = 12; // RFC 1035 §4.1.1

/**
 * Reads a datagram. `foreign`: not an answer to this query (wrong id, wrong question, a query itself), to be ignored
 * (RFC 5452 §9.1). `malformed`: it carries our id but cannot be read.
 */
export function readMessage(
  bytes: Buffer,
  query: Query,
  question: Question,
): DnsMessage | 'foreign' | 'malformed' {
  if (bytes.length < headerOctets || bytes.readUInt16BE(0) !== query.id) return 'foreign';
  const flags = bytes.readUInt16BE(2);
  if ((flags & 0x8000) === 0) return 'foreign';
  const rcode = flags & 0xf;
  const truncated = (flags & 0x200) !== 0;
  const packet = decodePacket(bytes);
  if (packet === null) return truncated ? { ...nothing, rcode, truncated } : 'malformed';
  const asked = packet.questions ?? [];
  // A server that understood nothing may leave the question out (FORMERR); a wrong one is not ours.
  if (asked.length === 0 && rcode !== 0) return { ...nothing, rcode, truncated };
  const [echoed] = asked;
  if (asked.length !== 1 || echoed === undefined) return 'foreign';
  const same = echoed.name.toLowerCase() === question.name && echoed.type === question.type;
  if (!same || (echoed.class ?? 'IN') !== 'IN') return 'foreign';
  return {
    rcode,
    truncated,
    authenticated: (flags & 0x20) !== 0,
    answers: packet.answers ?? [],
    authorities: packet.authorities ?? [],
  };
}

const nothing = { authenticated: false, answers: [], authorities: [] };

/** dns-packet throws on whatever it cannot read; for us that is a value. */
function decodePacket(bytes: Buffer): DecodedPacket | null {
  try {
    return decode(bytes);
  } catch {
    return null;
  }
}
