import { once } from 'node:events';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Certificate } from './certificate.ts';

/** How a receiving server is with TLS. */
export type ReceiverTls =
  | { readonly kind: 'offered'; readonly certificate: Certificate }
  /** TLS 1.0 and nothing newer. */
  | { readonly kind: 'old'; readonly certificate: Certificate }
  /** No STARTTLS, as after somebody on the way took it out. */
  | { readonly kind: 'stripped' };

export type Receiver = {
  readonly port: number;
  /** One for each mail: whether it came encrypted. */
  readonly mails: readonly { readonly secure: boolean; readonly to: string }[];
  readonly contents: readonly Buffer[];
  /** Server names that clients asked for (SNI). */
  readonly names: readonly string[];
  close(): Promise<void>;
};

/** A real SMTP server on loopback that takes everything. */
export async function startReceiver(tls: ReceiverTls): Promise<Receiver> {
  const mails: { secure: boolean; to: string }[] = [];
  const names: string[] = [];
  const contents: Buffer[] = [];
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: tls.kind === 'stripped' ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    ...(tls.kind === 'stripped' ? {} : tls.certificate),
    ...(tls.kind === 'old' ? old : {}),
    // A client that ends the handshake is part of the test.
    logger: false,
    onSecure(socket, _session, callback) {
      names.push('servername' in socket && typeof socket.servername === 'string' ? socket.servername : '');
      callback();
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        contents.push(Buffer.concat(chunks));
        mails.push({ secure: session.secure, to: session.envelope.rcptTo[0]?.address ?? '' });
        callback();
      });
    },
  });
  server.on('error', () => {}); // likewise
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server.server),
    mails,
    contents,
    names,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

export type PolicyHost = {
  readonly port: number;
  /** Paths that were asked for. */
  readonly asked: readonly string[];
  readonly bodies: readonly Buffer[];
  answer: PolicyAnswer;
  close(): Promise<void>;
};

export type PolicyAnswer = {
  readonly status?: number;
  readonly type?: string;
  readonly body: string;
  readonly location?: string;
};

/** A web server on loopback that answers every path alike. */
export async function startPolicyHost(certificate: Certificate, first: PolicyAnswer): Promise<PolicyHost> {
  const asked: string[] = [];
  const bodies: Buffer[] = [];
  const server = createHttpsServer(certificate, (request, response) => {
    asked.push(`${request.headers.host ?? ''}${request.url ?? ''}`);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => bodies.push(Buffer.concat(chunks)));
    const { status = 200, type = 'text/plain', body, location } = host.answer;
    response.writeHead(status, { 'content-type': type, ...(location === undefined ? {} : { location }) });
    request.on('end', () => response.end(body));
  });
  server.on('tlsClientError', () => {}); // a client that refuses the certificate is part of the test
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host: PolicyHost = {
    port: portOf(server),
    asked,
    bodies,
    answer: first,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return host;
}

function portOf(server: Pick<Server, 'address'>): number {
  // A TCP server that listens has an AddressInfo.
  return (server.address() as AddressInfo).port;
}
