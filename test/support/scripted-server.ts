import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { SecureVersion } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** Answers one line of a client; null: says nothing. `starttls` after the answer changes to TLS, `end` hangs up. */
export type Reply = string | { readonly text: string; readonly next: 'starttls' | 'end' } | null;

export type Script = {
  /** `none`: speaks in the clear whatever happens. */
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly certificate: Certificate;
  readonly greeting: Reply;
  /** Said by itself once TLS is there, as ManageSieve does. */
  readonly afterTls?: string;
  /** One for each connection: it may remember what was said. */
  readonly talk: () => (line: string) => Reply;
  readonly versions?: { readonly min: SecureVersion; readonly max: SecureVersion };
};

export type ScriptedServer = { readonly port: number; stop(): Promise<void> };

/** A server on loopback that says what its script says. */
export async function startScripted(script: Script): Promise<ScriptedServer> {
  const open = new Set<Socket>();
  const server: Server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    // Clients hang up whenever they have seen enough.
    socket.on('error', () => socket.destroy());
    if (script.tls === 'implicit') serve(secured(socket, script), script, script.greeting);
    else serve(socket, script, script.greeting);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async stop() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function secured(socket: Socket, { certificate, versions }: Script): TLSSocket {
  const secureContext = createSecureContext({
    ...certificate,
    ...(versions === undefined
      ? {}
      : { minVersion: versions.min, maxVersion: versions.max, ciphers: 'DEFAULT@SECLEVEL=0' }),
  });
  const tls = new TLSSocket(socket, { isServer: true, secureContext });
  tls.on('error', () => tls.destroy());
  return tls;
}

function serve(socket: Socket, script: Script, first: Reply): void {
  const answer = script.talk();
  let text = '';
  const say = (reply: Reply): boolean => {
    if (reply === null) return true;
    const said = typeof reply === 'string' ? reply : reply.text;
    if (said !== '') socket.write(`${said.replaceAll('\n', '\r\n')}\r\n`);
    if (typeof reply === 'string') return true;
    if (reply.next === 'end') socket.end();
    else {
      socket.removeAllListeners('data');
      serve(secured(socket, script), script, script.afterTls ?? null);
    }
    return false;
  };
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      const line = text.slice(0, end).replace(/\r$/, '');
      text = text.slice(end + 1);
      if (!say(answer(line))) return;
    }
  });
  say(first);
}
