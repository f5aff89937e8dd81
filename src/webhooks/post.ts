import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../base/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { AddressGuard } from './address-guard.ts';
import { guardedLookup, refusalText } from './guarded-lookup.ts';

/** What an endpoint answered, or why it could not be asked. */
export type Posted = {
  /** 2xx. */
  readonly ok: boolean;
  /** null: there was no answer. */
  readonly status: number | null;
  /** `HTTP 500: …`, or what failed; at most 500 characters. */
  readonly said: string;
  /** Retry-After (RFC 9110 §10.2.3); null: it does not say. */
  readonly askedWaitMs: number | null;
};

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

export type PosterParts = {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly guard: AddressGuard;
  /** What is trusted; null: the well-known authorities. */
  readonly context: SecureContext | null;
};

export type Poster = {
  /** Never rejects. No redirect is followed, no proxy used. */
  post(request: Post): Promise<Posted>;
  /** Closes every connection; what is under way fails. */
  stop(): void;
};

/** Requests at a time to one endpoint. */
export const mostRequests = 32;

// Standard Webhooks, "Deliverability and reliability": 15 to 30 s. From looking the name up to the end of the answer.
const timeoutMs = 15_000;
// An endpoint has nothing to say to us; so much is read to keep the connection for the next event.
const mostAnswerOctets = 64 * 1024;
const mostSaidCharacters = 500;
// Shorter than the 5 s after which a Node server closes an idle connection: the race that this loses costs a retry.
const idleMs = 4_000;
const mostIdle = 32;

export function createPoster(parts: PosterParts): Poster {
  const { resolver, guard, context } = parts;
  const options = {
    keepAlive: true,
    // Couriers bound themselves: a bound for each host would let one endpoint hold up another of the same host.
    maxFreeSockets: mostIdle,
    timeout: idleMs,
    scheduling: 'lifo' as const,
  };
  const http = new HttpAgent({ ...options, lookup: guardedLookup({ resolver, guard, onlyAllowed: true }) });
  const https = new HttpsAgent({
    ...options,
    lookup: guardedLookup({ resolver, guard, onlyAllowed: false }),
    ...(context === null ? {} : { secureContext: context }),
  });
  const open = (url: URL, headers: Post['headers']): ClientRequest => {
    const asked = { method: 'POST', headers };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...asked, agent: https })
      : httpRequest(url, { ...asked, agent: http });
  };
  return {
    post(request) {
      const url = new URL(request.url);
      const refusal = literalRefusal(url, guard);
      if (refusal !== null) return Promise.resolve(failed(refusal));
      return exchange(open(url, request.headers), request.body, parts.clock);
    },
    stop() {
      http.destroy();
      https.destroy();
    },
  };
}

/** An address in the URL itself is never looked up, so it is judged here. */
function literalRefusal({ hostname, protocol }: URL, guard: AddressGuard): string | null {
  const address = hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return null;
  const verdict = guard(address);
  const onlyAllowed = protocol === 'http:' && verdict !== 'refused';
  const isFine = verdict === 'allowed' || (verdict === 'public' && !onlyAllowed);
  return isFine ? null : refusalText(address, address, onlyAllowed);
}

function failed(said: string): Posted {
  return { ok: false, status: null, said: said.slice(0, mostSaidCharacters), askedWaitMs: null };
}

function exchange(asked: ClientRequest, body: string, clock: Clock): Promise<Posted> {
  const { promise, resolve } = Promise.withResolvers<Posted>();
  const timer = clock.after(timeoutMs, () => finish(failed(`no answer within ${timeoutMs / 1000} s`)));
  const finish = (posted: Posted): void => {
    timer.cancel();
    resolve(posted);
    // A connection that answered in full is kept, any other is not worth it.
    if (posted.status === null) asked.destroy();
  };
  asked.on('error', (error) => finish(failed(error.message)));
  asked.on('response', (response) => readAnswer(response, clock, finish));
  asked.end(body);
  return promise;
}

function readAnswer(response: IncomingMessage, clock: Clock, done: (posted: Posted) => void): void {
  const status = response.statusCode ?? 0;
  const ok = status >= 200 && status < 300;
  const askedWaitMs = ok ? null : retryAfterMs(response.headers['retry-after'], clock.now());
  let text = '';
  let octets = 0;
  response.setEncoding('utf8');
  response.on('data', (chunk: string) => {
    octets += Buffer.byteLength(chunk);
    if (text.length < mostSaidCharacters) text += chunk.slice(0, mostSaidCharacters);
    // It was answered, however much more there is.
    if (octets > mostAnswerOctets) response.destroy();
  });
  // Listened to so that a broken answer is no crash; 'close' comes next.
  response.on('error', () => response.destroy());
  response.on('close', () => done({ ok, status, said: saidOf(status, ok ? '' : text), askedWaitMs }));
}

function saidOf(status: number, text: string): string {
  // One line of what a stranger wrote: no control characters in a table or a log.
  const line = text.replaceAll(/[\p{Cc}\s]+/gu, ' ').trim();
  return `HTTP ${status}${line === '' ? '' : `: ${line}`}`.slice(0, mostSaidCharacters).toWellFormed();
}

/** RFC 9110 §10.2.3: seconds or a date. */
function retryAfterMs(value: string | undefined, nowMs: number): number | null {
  if (value === undefined) return null;
  const waitMs = /^\d{1,9}$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs;
  return Number.isFinite(waitMs) && waitMs > 0 ? waitMs : null;
}
