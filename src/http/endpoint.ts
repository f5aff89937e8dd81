import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import type { AccessKey, Gate, RateAnswer, RateLimiter, Scope } from '../access/index.ts';
import { AppError, StorageFull } from '../base/index.ts';
import type { Bilingual, Clock, Language } from '../base/index.ts';
import { acceptedLanguage } from './accept-language.ts';
import { describeEndpoint } from './describe-endpoint.ts';
import { enter, rateHeaders } from './entry.ts';
import { problem, problemResponse } from './problem.ts';
import type { Problem } from './problem.ts';
import { bodyReader, queryReader } from './reading.ts';

export type HttpEnvironment = { Bindings: Partial<HttpBindings> };

/** What went well. `body` undefined: no content. */
export type Answer = {
  readonly kind: 'answer';
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

export function answer(status: number, body?: unknown, headers?: Answer['headers']): Answer {
  return { kind: 'answer', status, body, ...(headers === undefined ? {} : { headers }) };
}

/** One request that passed the gate, with everything read and checked. */
export type Call<Body, Query> = {
  readonly key: AccessKey;
  readonly language: Language;
  /** A parameter of the path, decoded. */
  readonly param: (name: string) => string;
  /** A header field; null: not there. */
  readonly header: (name: string) => string | null;
  readonly query: Query;
  readonly body: Body;
  /** The body as it came, for a fingerprint; empty where there is none. */
  readonly bytes: Buffer;
  /** For an answer or a body that is a stream. */
  readonly context: Context<HttpEnvironment>;
};

/** What an endpoint is, for the gate, for the reader of the body, and for the document. */
export type Endpoint<Body, Query> = {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** `/v1/messages/{id}` */
  readonly path: string;
  /** null: any key. */
  readonly scope: Scope | null;
  readonly summary: Bilingual;
  /** Heading in the documentation: `messages`. */
  readonly group: string;
  readonly body?: z.ZodType<Body>;
  /** A body that the handler reads itself: its media type. */
  readonly stream?: string;
  readonly query?: z.ZodType<Query>;
  /** Header fields that it honours, beside the common ones. */
  readonly headers?: Readonly<Record<string, Bilingual>>;
  /** Schema of the answer for each status; null: none, or no JSON. */
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
};

export type Handler<Body, Query> = (
  call: Call<Body, Query>,
) => Answer | Problem | Response | Promise<Answer | Problem | Response>;

export type ApiParts = {
  readonly gate: Gate;
  readonly limiter: RateLimiter;
  readonly limits: {
    /** Requests a minute of a key that has no limit of its own. */
    readonly requestsPerMinute: number;
    readonly bodyBytes: number;
  };
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called with every request that was answered; `method` is one of ours. */
  readonly seen?: (request: {
    readonly method: string;
    readonly status: number;
    readonly seconds: number;
  }) => void;
  /** Called with what no handler expected; answered with 500, or 507 for a full disk. */
  readonly trouble: (error: unknown, request: { readonly method: string; readonly path: string }) => void;
};

/** Where route groups add their endpoints. */
export type Api = {
  readonly app: OpenAPIHono<HttpEnvironment>;
  endpoint<Body = undefined, Query = Readonly<Record<string, never>>>(
    description: Endpoint<Body, Query>,
    handler: Handler<Body, Query>,
  ): void;
};

export function createApi(parts: ApiParts): Api {
  const app = new OpenAPIHono<HttpEnvironment>();
  return {
    app,
    endpoint(description, handler) {
      describeEndpoint(app, description);
      const run = prepare(parts, description, handler);
      const path = description.path.replaceAll(/\{(\w+)\}/g, ':$1');
      app.on(description.method.toUpperCase(), path, async (context) => {
        const startedMs = parts.clock.monotonic();
        const response = await run(context);
        const seconds = (parts.clock.monotonic() - startedMs) / 1000;
        parts.seen?.({ method: description.method.toUpperCase(), status: response.status, seconds });
        return response;
      });
    },
  };
}

/** The column of steps of every request. */
function prepare<Body, Query>(
  parts: ApiParts,
  description: Endpoint<Body, Query>,
  handler: Handler<Body, Query>,
): (context: Context<HttpEnvironment>) => Promise<Response> {
  const readQuery = queryReader(description);
  const readJson = bodyReader(parts, description);
  return async (context) => {
    const language = acceptedLanguage(context.req.header('accept-language'));
    try {
      const entry = enter(parts, description.scope, context.req.header('authorization'));
      if ('problem' in entry) return problemResponse(entry.problem, language);
      const query = readQuery(context);
      if (query.kind === 'problem') return limited(problemResponse(query, language), entry.rate);
      const body = await readJson(context);
      if (body.kind === 'problem') return limited(problemResponse(body, language), entry.rate);
      const result = await handler({
        key: entry.key,
        language,
        param: (name) => context.req.param(name) ?? '',
        header: (name) => context.req.header(name) ?? null,
        query: query.value,
        body: body.value,
        bytes: body.bytes,
        context,
      });
      return limited(responseOf(result, language), entry.rate);
    } catch (error) {
      if (error instanceof AppError && error.code === 'bad-cursor')
        return problemResponse(problem('bad-cursor'), language);
      parts.trouble(error, { method: context.req.method, path: description.path });
      return problemResponse(problem(error instanceof StorageFull ? 'disk-full' : 'fault'), language);
    }
  };
}

function limited(response: Response, rate: RateAnswer): Response {
  for (const [name, value] of Object.entries(rateHeaders(rate))) response.headers.set(name, value);
  return response;
}

function responseOf(result: Answer | Problem | Response, language: Language): Response {
  if (result instanceof Response) return result;
  if (result.kind === 'problem') return problemResponse(result, language);
  const { status, body, headers } = result;
  if (body === undefined)
    return new Response(null, { status, headers: { 'cache-control': 'no-store', ...headers } });
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  });
}
