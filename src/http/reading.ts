import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { jsonOf, readBody } from './body.ts';
import type { ApiParts, Endpoint, HttpEnvironment } from './endpoint.ts';
import { faultsOf } from './faults.ts';
import { problem } from './problem.ts';
import type { Problem } from './problem.ts';

type Read<T> = { readonly kind: 'read'; readonly value: T; readonly bytes: Buffer };
const nothing = Buffer.alloc(0);

export function queryReader<Body, Query>({
  query: schema,
}: Endpoint<Body, Query>): (context: Context<HttpEnvironment>) => Read<Query> | Problem {
  const known = schema === undefined ? [] : namesOf(schema);
  return (context) => {
    const given = context.req.queries();
    const values = Object.fromEntries(
      Object.entries(given).map(([name, all]) => [name, all.length === 1 ? all[0] : all]),
    );
    const parsed = (schema ?? z.strictObject({})).safeParse(values, { reportInput: true });
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a schema Query is the empty object
    if (parsed.success) return { kind: 'read', value: parsed.data as Query, bytes: nothing };
    return problem('invalid-query', { faults: faultsOf(parsed.error.issues, 'query', known) });
  };
}

export function bodyReader<Body, Query>(
  parts: ApiParts,
  { body: schema }: Endpoint<Body, Query>,
): (context: Context<HttpEnvironment>) => Promise<Read<Body> | Problem> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without a schema Body is undefined
  if (schema === undefined) return async () => ({ kind: 'read', value: undefined as Body, bytes: nothing });
  const known = namesOf(schema);
  return async (context) => {
    const type = context.req.header('content-type');
    if (!isJson(type)) return wrongType('application/json');
    // A body that unfolds to a thousand times its size would make a bound on octets worth nothing.
    if (context.req.header('content-encoding') !== undefined)
      return wrongType('application/json, without Content-Encoding');
    const source = { incoming: context.env?.incoming, request: context.req.raw };
    const bytes = await readBody(source, parts.limits.bodyBytes);
    if (bytes === 'too-large') return tooLarge(parts.limits.bodyBytes);
    if (bytes === 'cut-off') return problem('timeout');
    const value = jsonOf(bytes);
    if (value === undefined) return problem('invalid-json');
    // Measured: 1.3 µs for a mail, of 0.12 ms that the request takes; `z.compile` would make it 0.3.
    const parsed = schema.safeParse(value, { reportInput: true });
    if (parsed.success) return { kind: 'read', value: parsed.data, bytes };
    return problem('invalid-body', { faults: faultsOf(parsed.error.issues, 'body', known) });
  };
}

/** RFC 6838 §4.2.8: `+json` too; a charset, if given, is UTF-8 anyway (RFC 8259 §11). */
function isJson(type: string | undefined): boolean {
  return /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(type ?? '');
}

export function wrongType(wanted: string): Problem {
  return problem('unsupported-media-type', {
    detail: { ja: `Content-Type: ${wanted}`, en: `Content-Type: ${wanted}` },
  });
}

export function tooLarge(limitBytes: number): Problem {
  return problem('too-large', {
    detail: { ja: `上限は ${limitBytes} バイトです`, en: `at most ${limitBytes} octets are taken` },
    // The rest of it is not read: the connection is of no further use.
    headers: { connection: 'close' },
  });
}

function namesOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}
