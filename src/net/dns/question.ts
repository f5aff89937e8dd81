import { randomInt } from 'node:crypto';
import { AUTHENTIC_DATA, encode, RECURSION_DESIRED } from 'dns-packet';

export type QuestionType = 'MX' | 'A' | 'AAAA' | 'TXT' | 'TLSA' | 'CNAME' | 'PTR' | 'SRV';

/** A name in canonical form (lower case, no dot at the end) and what is asked of it. */
export type Question = { readonly name: string; readonly type: QuestionType };

/** An encoded question with the id that its answer must carry. */
export type Query = { readonly id: number; readonly bytes: Buffer };

// RFC 1035 §2.3.4: 255 octets with the length bytes, which is 253 as text.
const longestName = 253;
// RFC 1035 §2.3.4 for the length. Letters, digits, hyphen, and the underscore that service names and careless hosts have.
const label = /^[a-z0-9_-]{1,63}$/;

// RFC 9715 and the DNS flag day of 2020: larger answers get fragmented and lost; over this they come by TCP.
const udpPayloadOctets = 1232;

/** The canonical form of a name; null for what cannot be asked: odd bytes, empty or long labels. */
export function canonicalName(name: string): string | null {
  const lower = name.toLowerCase();
  const text = lower.endsWith('.') ? lower.slice(0, -1) : lower;
  if (text.length > longestName) return null;
  return text.split('.').every((part) => label.test(part)) ? text : null;
}

/** Encodes a question for one try. The id is random, like the port it leaves from (RFC 5452 §9.2). */
export function makeQuery(question: Question, edns: boolean): Query {
  const id = randomInt(0x1_0000);
  const bytes = encode({
    type: 'query',
    id,
    // RFC 6840 §5.7: AD in a question asks for AD in the answer.
    flags: RECURSION_DESIRED | AUTHENTIC_DATA,
    questions: [{ ...question }],
    additionals: edns
      ? [{ type: 'OPT', name: '.', udpPayloadSize: udpPayloadOctets, ...noOptions }] // RFC 6891 §6.1.2
      : [],
  });
  return { id, bytes };
}

const noOptions = { extendedRcode: 0, ednsVersion: 0, flags: 0, flag_do: false, options: [] };
