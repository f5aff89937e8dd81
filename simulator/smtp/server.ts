import { once } from 'node:events';
import { createServer } from 'node:net';
import { SmtpConnection } from './connection.ts';
import type { SmtpServerOptions } from './dialog.ts';

export type SmtpServer = {
  readonly address: string;
  readonly port: number;
  /** Connections open now. */
  readonly open: number;
  /** Stops listening and cuts every connection: from now on connecting is refused. */
  close(): Promise<void>;
};

// Descriptors are the scarce thing: more clients than this on one loopback address is a fault of the client.
const connectionLimit = 20_000;

/** Listens on one address; port 0 takes a free one. Rejects with the system's error when it cannot. */
export async function startSmtpServer(
  place: { readonly address: string; readonly port: number },
  options: SmtpServerOptions,
): Promise<SmtpServer> {
  const open = new Set<SmtpConnection>();
  let counted = 0;
  const server = createServer((socket) => {
    counted += 1;
    const connection = new SmtpConnection(socket, options, counted);
    open.add(connection);
    socket.once('close', () => open.delete(connection));
  });
  server.maxConnections = connectionLimit;
  server.listen({ host: place.address, port: place.port, backlog: 1_024 });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not listening on an IP address');
  return {
    address: bound.address,
    port: bound.port,
    get open(): number {
      return open.size;
    },
    async close(): Promise<void> {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const connection of open) connection.destroy();
      await closed;
    },
  };
}
