import { randomBytes } from 'node:crypto';
import { createGate, createRateLimiter, makeKey, scopes } from '../../src/access/index.ts';
import type { AccessKey, KeyRequest, MadeKey } from '../../src/access/index.ts';
import { createHttpApp } from '../../src/http/index.ts';
import type { Api, RouteGroup } from '../../src/http/index.ts';
import type { Accepted, AcceptFailure, NewMail, Outbox } from '../../src/outbox/index.ts';
import { FakeClock } from './fake-clock.ts';

/** The API without sockets and without a store. */
export type ApiWorld = {
  readonly app: Api['app'];
  readonly clock: FakeClock;
  readonly troubles: unknown[];
  /** Makes a key; all scopes and domains unless told. */
  readonly key: (request?: Partial<KeyRequest>) => MadeKey;
  /** Sends JSON with a key and reads the answer. */
  readonly call: (method: string, path: string, options?: ApiCall) => Promise<ApiAnswer>;
};

export type ApiCall = {
  readonly token?: string;
  /** A text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
};

export type ApiAnswer = { readonly status: number; readonly headers: Headers; readonly body: ApiBody };

/** What tests look at of a body; what is not there is undefined all the same. */
export type ApiBody = Readonly<Record<string, unknown>> & {
  readonly code: string;
  readonly title: string;
  readonly cure: string;
  readonly errors: readonly {
    readonly pointer: string;
    readonly parameter: string;
    readonly header: string;
    readonly detail: string;
  }[];
  readonly data: readonly Readonly<Record<string, unknown>>[];
  readonly messages: readonly { readonly id: string; readonly state: string }[];
};

export function apiWorld(
  groups: readonly RouteGroup[],
  limits: Partial<{ requestsPerMinute: number; bodyBytes: number }> = {},
  clock = new FakeClock(),
): ApiWorld {
  const keys = new Map<string, { readonly key: AccessKey; readonly digest: Buffer }>();
  const troubles: unknown[] = [];
  const app = createHttpApp({
    gate: createGate({ store: { find: (id) => keys.get(id) ?? null } }),
    limiter: createRateLimiter(clock),
    clock,
    limits: { requestsPerMinute: 1_000_000, bodyBytes: 1_000_000, ...limits },
    trouble: (error) => void troubles.push(error),
    version: '0.0.0',
    groups,
  });
  const key = (request: Partial<KeyRequest> = {}): MadeKey => {
    const everything = { name: 'test', scopes, domains: null, sandbox: false, requestsPerMinute: null };
    const made = makeKey(
      { ...everything, ...request },
      { nowMs: clock.now(), random: Math.random, randomBytes },
    );
    keys.set(made.key.id, made);
    return made;
  };
  const usual = key().token;
  return {
    app,
    clock,
    troubles,
    key,
    async call(method, path, { token = usual, body, headers = {} } = {}) {
      const json = body === undefined ? {} : { 'content-type': 'application/json' };
      const response = await app.request(path, {
        method,
        headers: { authorization: `Bearer ${token}`, ...json, ...headers },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /json/.test(response.headers.get('content-type') ?? '');
      return {
        status: response.status,
        headers: response.headers,
        body: (isJson ? JSON.parse(text) : { text }) as ApiBody,
      };
    },
  };
}

/** An outbox that keeps what it was handed; `answer` decides otherwise. */
export function keptOutbox(answer?: () => AcceptFailure | null): Outbox & { readonly mails: NewMail[] } {
  const mails: NewMail[] = [];
  const take = (mail: NewMail): Accepted => {
    mails.push(mail);
    const messages = mail.recipients.map(({ address }, index) => ({
      id: `${mail.id}.${index + 1}`,
      address,
      state: mail.sandbox ? ('captured' as const) : ('waiting' as const),
    }));
    return { kind: 'accepted', id: mail.id, messages, repeated: false };
  };
  return {
    mails,
    accept: async (mail) => answer?.() ?? take(mail),
    acceptAll: async (batch) => answer?.() ?? batch.map(take),
  };
}
