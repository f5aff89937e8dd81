import type { Answer, DecodedPacket, Packet, Question, SoaAnswer } from 'dns-packet';
import { AUTHORITATIVE_ANSWER, TRUNCATED_RESPONSE, encode } from 'dns-packet';
import type { Zone, ZoneRecord } from './zone.ts';

// RFC 1035 §4.1.1 and §2.3.4.
const rcode = { none: 0, formErr: 1, servFail: 2, nxDomain: 3, notImp: 4, refused: 5 } as const;
const plainUdpOctets = 512;
/** Short, so that a test or a demo that changes the zone does not have to wait long. */
const defaultTtlSeconds = 300;
const negativeTtlSeconds = 60;

export type Rcode = keyof typeof rcode;

/** The zone's answer to a query, as a packet. */
export function answerQuery(query: DecodedPacket, zone: Zone): Packet {
  const [question] = query.questions ?? [];
  if (question === undefined) return bareAnswer(query, 'formErr');
  const { kind, records, apex } = zone.look(question.name === '.' ? '' : question.name, question.type);
  if (question.type === 'SOA' && kind !== 'nxdomain' && isApex(question, apex)) {
    return packet(query, 'none', { answers: [soa(apex, defaultTtlSeconds)] });
  }
  const answers = records.map(toAnswer);
  if (kind === 'found') return packet(query, 'none', { answers });
  // RFC 2308 §3: without the SOA a resolver could not keep the "no".
  const authorities = [soa(apex, negativeTtlSeconds)];
  return packet(query, kind === 'nxdomain' ? 'nxDomain' : 'none', { answers, authorities });
}

/** An answer that is only a response code. */
export function bareAnswer(query: DecodedPacket, code: Rcode): Packet {
  return packet(query, code, {});
}

/** RFC 2181 §9: what does not fit goes with TC set and without records, so that the client comes again over TCP. */
export function encodeForUdp(response: Packet, query: DecodedPacket): Buffer {
  const whole = encode(response);
  const opt = (query.additionals ?? []).find((record) => record.type === 'OPT');
  const limit = opt?.type === 'OPT' ? Math.max(plainUdpOctets, opt.udpPayloadSize) : plainUdpOctets;
  if (whole.length <= limit) return whole;
  const flags = (response.flags ?? 0) | TRUNCATED_RESPONSE;
  return encode({ ...response, flags, answers: [], authorities: [] });
}

function packet(
  query: DecodedPacket,
  code: Rcode,
  sections: { readonly answers?: Answer[]; readonly authorities?: Answer[] },
): Packet {
  const asksWithEdns = (query.additionals ?? []).some((record) => record.type === 'OPT');
  const recursionDesired = query.flag_rd ? 1 << 8 : 0;
  // RA is set although nothing is recursive here: stub resolvers complain when it is missing.
  const recursionAvailable = 1 << 7;
  return {
    type: 'response',
    ...(query.id === undefined ? {} : { id: query.id }),
    flags: AUTHORITATIVE_ANSWER | recursionDesired | recursionAvailable | rcode[code],
    // The question goes back exactly as asked, letter case included (draft-vixie-dnsext-dns0x20).
    questions: query.questions ?? [],
    answers: sections.answers ?? [],
    authorities: sections.authorities ?? [],
    // RFC 6891 §6.1.1: OPT is answered with OPT.
    additionals: asksWithEdns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: 1_232,
            flags: 0,
            options: [],
            extendedRcode: 0,
            ednsVersion: 0,
            flag_do: false,
          },
        ]
      : [],
  };
}

function isApex(question: Question, apex: string): boolean {
  return question.name.toLowerCase() === apex || question.name === '.';
}

function soa(apex: string, ttlSeconds: number): SoaAnswer {
  return {
    type: 'SOA',
    name: apex === '' ? '.' : apex,
    ttl: ttlSeconds,
    data: {
      mname: 'ns.simulator.test',
      rname: 'hostmaster.simulator.test',
      serial: 1,
      refresh: 3_600,
      retry: 600,
      expire: 86_400,
      minimum: negativeTtlSeconds,
    },
  };
}

function toAnswer(record: ZoneRecord): Answer {
  const { name } = record;
  const ttl = record.ttlSeconds ?? defaultTtlSeconds;
  switch (record.type) {
    case 'MX':
      return { type: 'MX', name, ttl, data: { preference: record.preference, exchange: record.exchange } };
    case 'A':
    case 'AAAA':
      return { type: record.type, name, ttl, data: record.address };
    case 'TXT':
      return { type: 'TXT', name, ttl, data: characterStrings(record.text) };
    case 'NS':
    case 'CNAME':
    case 'PTR':
      return { type: record.type, name, ttl, data: record.target };
  }
}

/** RFC 1035 §3.3: a character-string holds at most 255 octets; longer texts (DKIM keys) are several. */
function characterStrings(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at === 0 || at < text.length; at += 255) parts.push(text.slice(at, at + 255));
  return parts;
}
