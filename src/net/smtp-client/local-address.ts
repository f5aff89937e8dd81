import { createServer } from 'node:net';

/** true when a socket can be bound to the address: it is one of this machine's. Any port will do. */
export async function isLocalAddress(ip: string): Promise<boolean> {
  const server = createServer();
  return await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ host: ip, port: 0, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
