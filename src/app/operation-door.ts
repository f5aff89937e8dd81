import { OpenAPIHono } from '@hono/zod-openapi';
import type { Clock } from '../base/index.ts';
import type { Endpoint } from '../config/index.ts';
import { addOperationRoutes, startHttpServer } from '../http/index.ts';
import type { HttpEnvironment, OperationParts } from '../http/index.ts';
import { listenFailure } from '../net/smtp-server/index.ts';
import type { Door } from './serve-parts.ts';

/** `/healthz`, `/readyz` and `/metrics` at an address of their own (`metrics.listen`). */
export async function openOperationDoor(
  listen: Endpoint,
  clock: Clock,
  parts: OperationParts,
): Promise<Door> {
  const app = new OpenAPIHono<HttpEnvironment>();
  addOperationRoutes(app, parts);
  try {
    const server = await startHttpServer({ listen, app, clock });
    return {
      name: 'metrics',
      places: [{ host: server.host, port: server.port }],
      stop: (graceMs) => server.close(graceMs),
    };
  } catch (error) {
    throw error instanceof Error ? listenFailure(error, { ...listen, key: 'metrics.listen' }) : error;
  }
}
