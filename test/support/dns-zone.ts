import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { AUTHENTIC_DATA, decode, encode, RECURSION_AVAILABLE, TRUNCATED_RESPONSE } from 'dns-packet';
import type { Answer, Packet, Question } from 'dns-packet';

/** How one question is answered; what is not named is answered NXDOMAIN with a SOA. */
export type ZoneAnswer = {
  readonly answers?: readonly Answer[];
  /** Header code, 0 when left out. */
  readonly rcode?: number;
  /** Seconds of the SOA in the authority section (TTL and MINIMUM); none when left out. */
  readonly soaSeconds?: number;
  readonly authenticated?: boolean;
  /** Says nothing. */
  readonly drop?: boolean;
  /** By UDP only a header with TC set. */
  readonly truncate?: boolean;
  /** Sent before the real answer, made of the query's bytes: forged or foreign datagrams. */
  readonly before?: (query: Buffer) => readonly Buffer[];
  /** Instead of an answer, made of the query's bytes. */
  readonly raw?: (query: Buffer) => Buffer;
  /** Only the n-th question and later are answered like this; before, `drop`. */
  readonly from?: number;
  /** Answers FORMERR as long as the question carries EDNS. */
  readonly noEdns?: boolean;
};

export type DnsZone = {
  /** For `createResolver`. */
  readonly server: string;
  /** `MX example.jp`, in the order of arrival; `tcp MX …` for those by TCP. */
  readonly questions: readonly string[];
  readonly ports: readonly number[];
  readonly ids: readonly number[];
  /** Resolves when that many questions have come. */
  asked(count: number): Promise<void>;
  close(): Promise<void>;
};

/** Starts a DNS server on loopback that knows `records`, keyed `TYPE name`. */
export async function startDnsZone(records: Readonly<Record<string, ZoneAnswer>>): Promise<DnsZone> {
  const zone = new Zone(records);
  await zone.listen();
  return zone;
}

const soa = (name: string, seconds: number): Answer => ({
  type: 'SOA',
  name,
  ttl: seconds,
  data: {
    mname: 'ns.test',
    rname: 'root.test',
    serial: 1,
    refresh: 1,
    retry: 1,
    expire: 1,
    minimum: seconds,
  },
});

class Zone implements DnsZone {
  readonly questions: string[] = [];
  readonly ports: number[] = [];
  readonly ids: number[] = [];
  readonly #records: Readonly<Record<string, ZoneAnswer>>;
  readonly #udp: UdpSocket = createSocket('udp4');
  readonly #tcp: Server;
  readonly #counts = new Map<string, number>();
  #watchers: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(records: Readonly<Record<string, ZoneAnswer>>) {
    this.#records = records;
    this.#tcp = createServer((socket) => {
      socket.on('error', () => {}); // a client that closes early is none of the zone's business
      socket.once('data', (bytes: Buffer) => {
        const reply = this.#reply(bytes.subarray(2), true);
        if (reply === null) return;
        const length = Buffer.alloc(2);
        length.writeUInt16BE(reply.length);
        socket.write(length);
        socket.end(reply);
      });
    });
    this.#udp.on('message', (bytes, from) => {
      this.ports.push(from.port);
      const send = (reply: Buffer): void => this.#udp.send(reply, from.port, from.address);
      for (const forged of this.#answerTo(bytes).before?.(bytes) ?? []) send(forged);
      const reply = this.#reply(bytes, false);
      if (reply !== null) send(reply);
    });
  }

  async listen(): Promise<void> {
    // UDP and TCP must share the number: take one for TCP, try it for UDP, again when somebody has it.
    for (;;) {
      await new Promise<void>((resolve) => this.#tcp.listen(0, '127.0.0.1', resolve));
      const bound = await new Promise<boolean>((resolve) => {
        this.#udp.once('error', () => resolve(false));
        this.#udp.bind(this.#port, '127.0.0.1', () => resolve(true));
      });
      if (bound) return;
      await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
    }
  }

  get #port(): number {
    // A TCP server that listens has an AddressInfo.
    return (this.#tcp.address() as AddressInfo).port;
  }

  get server(): string {
    return `127.0.0.1:${this.#port}`;
  }

  asked(count: number): Promise<void> {
    return new Promise((resolve) => {
      this.#watchers.push({ count, resolve });
      this.#watch();
    });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => this.#udp.close(() => resolve()));
    await new Promise<void>((resolve) => this.#tcp.close(() => resolve()));
  }

  #watch(): void {
    for (const watcher of this.#watchers) if (this.questions.length >= watcher.count) watcher.resolve();
    this.#watchers = this.#watchers.filter(({ count }) => count > this.questions.length);
  }

  #answerTo(bytes: Buffer): ZoneAnswer {
    return this.#records[keyOf(questionOf(bytes))] ?? { rcode: 3, soaSeconds: 60 };
  }

  #reply(bytes: Buffer, tcp: boolean): Buffer | null {
    const query = decode(bytes);
    const question = questionOf(bytes);
    const key = keyOf(question);
    const answer = this.#answerTo(bytes);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.ids.push(query.id ?? 0);
    this.questions.push(tcp ? `tcp ${key}` : key);
    this.#watch();
    if (answer.drop === true || count < (answer.from ?? 1)) return null;
    if (answer.raw !== undefined) return answer.raw(bytes);
    if (answer.noEdns === true && (query.additionals ?? []).length > 0)
      return respond(bytes, { rcode: 1 }, false);
    return respond(bytes, answer, answer.truncate === true && !tcp);
  }
}

/** The response to a query's bytes, for `before` and `raw` too. */
export function respond(bytes: Buffer, answer: ZoneAnswer, truncated = false): Buffer {
  const question = questionOf(bytes);
  const flags = RECURSION_AVAILABLE | (answer.authenticated === true ? AUTHENTIC_DATA : 0);
  const packet: Packet = {
    type: 'response',
    id: bytes.readUInt16BE(0),
    flags: flags | (truncated ? TRUNCATED_RESPONSE : 0) | (answer.rcode ?? 0),
    questions: [question],
    answers: truncated ? [] : [...(answer.answers ?? [])],
    authorities: answer.soaSeconds === undefined ? [] : [soa(question.name, answer.soaSeconds)],
  };
  return encode(packet);
}

function questionOf(bytes: Buffer): Question {
  const [question] = decode(bytes).questions ?? [];
  if (question === undefined) throw new Error('a query without a question');
  return question;
}

function keyOf(question: Question): string {
  return `${question.type} ${question.name.toLowerCase()}`;
}

export const mx = (name: string, preference: number, exchange: string, ttl = 300): Answer => ({
  type: 'MX',
  name,
  ttl,
  data: { preference, exchange },
});
export const a = (name: string, data: string, ttl = 300): Answer => ({ type: 'A', name, ttl, data });
export const aaaa = (name: string, data: string, ttl = 300): Answer => ({ type: 'AAAA', name, ttl, data });
export const cname = (name: string, data: string, ttl = 300): Answer => ({ type: 'CNAME', name, ttl, data });
