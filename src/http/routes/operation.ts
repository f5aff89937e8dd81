import { z } from '@hono/zod-openapi';
import type { Env, Hono } from 'hono';
import type { Bilingual } from '../../base/index.ts';
import type { RouteGroup } from '../app.ts';

/** What whoever runs it asks: alive, ready, and the numbers. */
export type OperationParts = {
  /** By check, true when it holds. */
  readonly checks: () => Readonly<Record<string, boolean>>;
  /** null: the numbers are told elsewhere. */
  readonly metrics: { readonly contentType: string; text(): Promise<string> } | null;
};

/** The same, described in the document of the API. */
export function operationRoutes(parts: OperationParts): RouteGroup {
  return ({ app }) => {
    for (const { path, summary, statuses } of described) {
      if (path === '/metrics' && parts.metrics === null) continue;
      const content = path === '/metrics' ? 'text/plain' : 'application/json';
      app.openAPIRegistry.registerPath({
        method: 'get',
        path,
        summary: summary.en,
        description: summary.ja,
        tags: ['operation'],
        security: [],
        responses: Object.fromEntries(
          statuses.map((status) => [
            status,
            { description: status === 200 ? 'yes' : 'no', content: { [content]: { schema: bodies[path] } } },
          ]),
        ),
      });
    }
    addOperationRoutes(app, parts);
  };
}

const bodies = {
  '/healthz': z.object({ status: z.literal('ok') }),
  '/readyz': z.object({ status: z.enum(['ready', 'not ready']), checks: z.record(z.string(), z.boolean()) }),
  '/metrics': z.string(),
} as const;

const described: readonly {
  readonly path: keyof typeof bodies;
  readonly summary: Bilingual;
  readonly statuses: readonly number[];
}[] = [
  {
    path: '/healthz',
    summary: { en: 'Whether the process answers', ja: 'プロセスが応答しているか' },
    statuses: [200],
  },
  {
    path: '/readyz',
    summary: { en: 'Whether it takes mail and delivers it now', ja: '今メールを受け付けて配信できるか' },
    statuses: [200, 503],
  },
  { path: '/metrics', summary: { en: 'Numbers for Prometheus', ja: 'Prometheus 用の数値' }, statuses: [200] },
];

/**
 * `/healthz`, `/readyz` and `/metrics`: without a key, as balancers and Prometheus ask; they tell nothing about anybody's mail.
 */
export function addOperationRoutes<E extends Env>(app: Hono<E>, { checks, metrics }: OperationParts): void {
  // Who does not answer this at all hangs, and is to be started again.
  app.get('/healthz', () => answer({ status: 'ok' }, 200));
  app.get('/readyz', () => {
    const found = checks();
    const ready = Object.values(found).every(Boolean);
    return answer({ status: ready ? 'ready' : 'not ready', checks: found }, ready ? 200 : 503);
  });
  if (metrics === null) return;
  app.get('/metrics', async () => {
    const text = await metrics.text();
    return new Response(text, {
      headers: { 'content-type': metrics.contentType, 'cache-control': 'no-store' },
    });
  });
}

function answer(body: unknown, status: number): Response {
  return new Response(`${JSON.stringify(body)}\n`, {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' },
  });
}
