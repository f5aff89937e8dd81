import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Clock, Timer } from '../base/index.ts';
import type { Api } from './endpoint.ts';

/** A listening API. */
export type HttpServer = {
  readonly host: string;
  readonly port: number;
  /** Takes no new request, ends those under way within `graceMs`, then closes what is left; may be called again. */
  close(graceMs: number): Promise<void>;
};

export type HttpServerOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly app: Api['app'];
  readonly clock: Clock;
  /** Called with what went wrong outside of any request; left out: the connection is cut, and that is all. */
  readonly trouble?: (error: unknown) => void;
  /** Left out: `usualTimeouts`. */
  readonly timeouts?: HttpTimeouts;
};

/** Node looks every `checkMs` which heads and requests have taken too long. */
export type HttpTimeouts = {
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkMs: number;
};

const usualTimeouts: HttpTimeouts = {
  // A client sends its head at once; this leaves room for a bad line.
  headersMs: 10_000,
  // A list of a million recipients (60 MB) over 2 Mbit/s. Only keys get that far with a body.
  requestMs: 300_000,
  checkMs: 2_000,
};
// Longer than the 60 s after which load balancers open a new connection, so that none meets one that just closed.
const keepAliveMs = 65_000;
// Five times as many as a busy site has open; each costs some 10 KB, and a descriptor.
const mostConnections = 10_000;

/** Listens; rejects with what the system says against it. */
export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const { listen, app, clock, trouble, timeouts = usualTimeouts } = options;
  // The library's own Request and Response in place of Node's: see docs/decisions/0025-http-api.md.
  const answerIt = getRequestListener(app.fetch, { overrideGlobalObjects: true });
  const server = createServer(
    {
      headersTimeout: timeouts.headersMs,
      requestTimeout: timeouts.requestMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: timeouts.checkMs,
      noDelay: true,
    },
    (incoming, outgoing) => {
      answerIt(incoming, outgoing).catch((error: unknown) => {
        outgoing.destroy();
        trouble?.(error);
      });
    },
  );
  server.maxConnections = mostConnections;
  await listening(server, listen);
  const place = server.address();
  if (place === null || typeof place === 'string') throw new Error('an HTTP server listens on a port');
  let closing: Promise<void> | null = null;
  return {
    host: place.address,
    port: place.port,
    close: (graceMs) => (closing ??= close(server, graceMs, clock)),
  };
}

async function listening(server: Server, { host, port }: HttpServerOptions['listen']): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

// A connection that has had its last answer is kept open for a next request, which never comes: looked for this often.
const idleLookMs = 50;

async function close(server: Server, graceMs: number, clock: Clock): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const endMs = clock.monotonic() + graceMs;
  const look = (): Timer => {
    if (clock.monotonic() >= endMs) server.closeAllConnections();
    else server.closeIdleConnections();
    return clock.after(idleLookMs, () => (timer = look()));
  };
  let timer = look();
  await closed;
  timer.cancel();
}
