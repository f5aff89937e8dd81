import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import type { ConnectionOptions, SecureContext, TLSSocket } from 'node:tls';
import type { TlsFacts } from '../../events/index.ts';

/** The peer's name and the policy's context (shared by all sessions: making one costs milliseconds). */
export type TlsTarget = { readonly host: string; readonly context: SecureContext | null };

/** Starts a TLS client on a connected socket. May throw when the host cannot be a TLS server name. */
export function wrapWithTls(socket: Socket, target: TlsTarget): TLSSocket {
  const options: ConnectionOptions = {
    socket,
    host: target.host,
    // RFC 7435 (opportunistic security): encrypt even to a peer that cannot prove its name; whether it could is recorded.
    rejectUnauthorized: false,
  };
  // RFC 6066 §3: a server name is a host name, never an address.
  if (isIP(target.host) === 0) options.servername = target.host;
  if (target.context !== null) options.secureContext = target.context;
  return connect(options);
}

export function tlsFacts(socket: TLSSocket): TlsFacts {
  const cipher = socket.getCipher();
  return {
    version: socket.getProtocol() ?? 'unknown',
    cipher: cipher.standardName || cipher.name,
    verified: socket.authorized,
  };
}
