import { setMaxListeners } from 'node:events';
import { TtlCache } from './cache.ts';
import type { DnsAnswer, ResolverOptions, ServiceResolver } from './contract.ts';
import { exchange } from './exchange.ts';
import { canonicalName } from './question.ts';
import type { Question, QuestionType } from './question.ts';
import {
  readA,
  readAaaa,
  readAnswer,
  readCname,
  readMx,
  readPtr,
  readSrv,
  readTlsa,
  readTxt,
} from './records.ts';
import type { Reading, RecordReader } from './records.ts';
import { chooseServers } from './server-address.ts';
import type { DnsServer } from './server-address.ts';
import { ServerRing } from './servers.ts';
import { Turnstile } from './turnstile.ts';

// Some 300 octets each: the domains of a large list, in a few megabytes.
const mostCachedAnswers = 20_000;
// Each is a socket; a resolver on the same machine answers this many at once without dropping any.
const mostQueriesAtOnce = 256;
// RFC 9520 §3.2: failures are kept, first for five seconds, so that a broken zone is not asked again for each recipient.
const failureTtlSeconds = 5;
// A chain of CNAMEs over several responses; within one, see records.ts.
const mostAliasQuestions = 8;

type Failed = Extract<DnsAnswer<never>, { kind: 'failed' }>;

/** Makes a stub resolver (RFC 1035 §5.3.1): asks recursive servers, keeps what they say for as long as they say. */
export function createResolver(options: ResolverOptions): ServiceResolver {
  const core = new StubResolver(options);
  const mx = new Lookup(core, 'MX', readMx);
  const a = new Lookup(core, 'A', readA);
  const aaaa = new Lookup(core, 'AAAA', readAaaa);
  const txt = new Lookup(core, 'TXT', readTxt);
  const tlsa = new Lookup(core, 'TLSA', readTlsa);
  const cname = new Lookup(core, 'CNAME', readCname);
  const ptr = new Lookup(core, 'PTR', readPtr);
  const srv = new Lookup(core, 'SRV', readSrv);
  return {
    mx: (name) => mx.ask(name),
    a: (name) => a.ask(name),
    aaaa: (name) => aaaa.ask(name),
    txt: (name) => txt.ask(name),
    tlsa: (name) => tlsa.ask(name),
    ptr: (name) => ptr.ask(name),
    cname: (name) => cname.ask(name),
    srv: (name) => srv.ask(name),
    close: () => core.close(),
  };
}

/** Questions of one type: the cache, and one query for many who ask the same. */
class Lookup<T> {
  readonly #core: StubResolver;
  readonly #type: QuestionType;
  readonly #reader: RecordReader<T>;
  readonly #cache: TtlCache<DnsAnswer<T>>;
  readonly #underWay = new Map<string, Promise<DnsAnswer<T>>>();

  constructor(core: StubResolver, type: QuestionType, reader: RecordReader<T>) {
    this.#core = core;
    this.#type = type;
    this.#reader = reader;
    this.#cache = new TtlCache(core.options.clock, mostCachedAnswers);
  }

  ask(text: string): Promise<DnsAnswer<T>> {
    const name = canonicalName(text);
    if (name === null) return Promise.resolve({ kind: 'failed', cause: 'malformed', server: '' });
    const cached = this.#cache.get(name);
    if (cached !== null) return Promise.resolve(withTtl(cached.value, cached.leftSeconds));
    const same = this.#underWay.get(name);
    if (same !== undefined) return same;
    const answer = this.#askAndKeep(name);
    this.#underWay.set(name, answer);
    return answer;
  }

  async #askAndKeep(name: string): Promise<DnsAnswer<T>> {
    try {
      const answer = await this.#follow(name);
      const ttlSeconds = answer.kind === 'failed' ? failureTtlSeconds : answer.ttlSeconds;
      if (!this.#core.closed) this.#cache.set(name, answer, ttlSeconds);
      return answer;
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** Asks, and asks on where a response ends in a CNAME alone. */
  async #follow(start: string): Promise<DnsAnswer<T>> {
    const seen = new Set<string>();
    let name: string | null = start;
    let ttlSeconds = Number.POSITIVE_INFINITY;
    let authenticated = true;
    let server = '';
    while (name !== null && !seen.has(name) && seen.size < mostAliasQuestions) {
      seen.add(name);
      const { reading, server: asked } = await this.#core.ask({ name, type: this.#type }, this.#reader);
      server = asked;
      if (reading.kind === 'failed') return { ...reading, server };
      ttlSeconds = Math.min(ttlSeconds, reading.ttlSeconds);
      authenticated &&= reading.authenticated;
      if (reading.kind === 'found' && name !== start)
        return { canonicalName: name, ...reading, ttlSeconds, authenticated };
      if (reading.kind !== 'alias') return { ...reading, ttlSeconds, authenticated };
      name = canonicalName(reading.target);
    }
    return { kind: 'failed', cause: 'malformed', server };
  }
}

type Asked<T> = { readonly reading: Reading<T> | Omit<Failed, 'server'>; readonly server: string };

/** Asks servers, one after the other, until one answers. */
class StubResolver {
  readonly options: ResolverOptions;
  readonly #ring: ServerRing;
  readonly #turnstile = new Turnstile(mostQueriesAtOnce);
  readonly #closing = new AbortController();

  constructor(options: ResolverOptions) {
    this.options = options;
    this.#ring = new ServerRing(chooseServers(options.servers), options.clock);
    // One listener per query under way, each removed with it; more than that would be a leak.
    setMaxListeners(mostQueriesAtOnce, this.#closing.signal);
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  close(): void {
    this.#closing.abort();
  }

  ask<T>(question: Question, reader: RecordReader<T>): Promise<Asked<T>> {
    return this.#turnstile.pass(() => this.#rounds(question, reader));
  }

  async #rounds<T>(question: Question, reader: RecordReader<T>): Promise<Asked<T>> {
    let failed: Asked<T> = { reading: { kind: 'failed', cause: 'unreachable' }, server: '' };
    for (let round = 0; round < this.options.attempts; round++) {
      for (const server of this.#ring.order()) {
        if (this.closed) return failed;
        const asked = await this.#one(question, reader, server);
        if (asked.reading.kind !== 'failed') return asked;
        failed = tellingMore(failed, asked);
      }
    }
    return failed;
  }

  async #one<T>(question: Question, reader: RecordReader<T>, server: DnsServer): Promise<Asked<T>> {
    const { timeoutMs, clock } = this.options;
    const result = await exchange({ question, server, timeoutMs, clock, signal: this.#closing.signal });
    if ('failed' in result) {
      if (result.failed !== 'malformed') this.#ring.silent(server);
      return { reading: { kind: 'failed', cause: result.failed }, server: server.text };
    }
    this.#ring.answered(server);
    // RFC 7672 §2.2: the AD bit of a server that nobody vouches for, or over a way that anybody may write on, proves nothing.
    const believed = this.options.trustAd === true ? result : { ...result, authenticated: false };
    return { reading: readAnswer(believed, question, reader), server: server.text };
  }
}

/** Of two failures the one to report: what a server said counts more than the silence of another. */
function tellingMore<T>(before: Asked<T>, now: Asked<T>): Asked<T> {
  return isAnswer(before) && !isAnswer(now) ? before : now;
}

function isAnswer<T>({ reading }: Asked<T>): boolean {
  return reading.kind === 'failed' && reading.cause !== 'timeout' && reading.cause !== 'unreachable';
}

function withTtl<T>(answer: DnsAnswer<T>, ttlSeconds: number): DnsAnswer<T> {
  return answer.kind === 'failed' ? answer : { ...answer, ttlSeconds };
}
