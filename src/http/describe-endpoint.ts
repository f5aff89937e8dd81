import { z } from '@hono/zod-openapi';
import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Bilingual } from '../base/index.ts';
import { problemSchema } from './contract/problem.ts';
import type { Endpoint, HttpEnvironment } from './endpoint.ts';

/** Puts an endpoint into the document, as it is put into the router. */
export function describeEndpoint<Body, Query>(
  app: OpenAPIHono<HttpEnvironment>,
  endpoint: Endpoint<Body, Query>,
): void {
  const { method, path, summary, group, scope, body, stream, query, headers, answers } = endpoint;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  const params = z.object(Object.fromEntries(names.map((name) => [name, z.string()])));
  const content = body === undefined ? stream : 'application/json';
  app.openAPIRegistry.registerPath({
    method,
    path,
    summary: summary.en,
    description: summary.ja,
    tags: [group],
    security: [{ key: [] }],
    ...(scope === null ? {} : { 'x-scope': scope }),
    request: {
      ...(names.length === 0 ? {} : { params }),
      ...(query instanceof z.ZodObject ? { query } : {}),
      ...(headers === undefined ? {} : { headers: z.object(headerShape(headers)) }),
      ...(content === undefined
        ? {}
        : { body: { required: true, content: { [content]: { schema: body ?? z.string() } } } }),
    },
    responses: {
      ...Object.fromEntries(Object.entries(answers).map(([status, schema]) => [status, described(schema)])),
      default: {
        description: 'RFC 9457',
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    },
  });
}

function described(schema: z.ZodType | null): object {
  return schema === null
    ? { description: 'done' }
    : { description: 'done', content: { 'application/json': { schema } } };
}

function headerShape(headers: Readonly<Record<string, Bilingual>>): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, doc]) => [
      name,
      z
        .string()
        .optional()
        .openapi({ description: `${doc.en} / ${doc.ja}` }),
    ]),
  );
}
