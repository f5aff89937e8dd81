import { checkServerIdentity } from 'node:tls';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import type { Clock } from '../base/index.ts';

/** What a server showed of itself in TLS. */
export type Secured = {
  readonly kind: 'secured';
  /** `TLSv1.3` */
  readonly version: string;
  /** The names of the certificate's issuer, in one line. */
  readonly issuer: string;
  readonly validFromMs: number;
  readonly validToMs: number;
  /** null: the chain ends at an authority that is trusted. */
  readonly distrust: string | null;
  /** null: the certificate is for that host. */
  readonly wrongName: string | null;
};

export type TlsReading =
  | Secured
  | { readonly kind: 'silent' }
  /** `code`: OpenSSL's, or of the socket. `plain`: it answered, but not in TLS. */
  | { readonly kind: 'failed'; readonly code: string; readonly plain: boolean; readonly oldVersion: boolean };

/** Waits for the handshake and reads what came of it; a certificate is read, not obeyed. */
export async function readTls(
  socket: TLSSocket,
  { host, clock, limitMs }: { readonly host: string; readonly clock: Clock; readonly limitMs: number },
): Promise<TlsReading> {
  const { promise, resolve } = Promise.withResolvers<TlsReading>();
  const timer = clock.after(limitMs, () => resolve({ kind: 'silent' }));
  socket.once('secureConnect', () => resolve(securedBy(socket, host)));
  socket.on('error', (error: NodeJS.ErrnoException) => resolve(failedBy(error)));
  socket.once('close', () => resolve(failedBy(Object.assign(new Error('closed'), { code: 'ECONNRESET' }))));
  const reading = await promise;
  timer.cancel();
  if (reading.kind !== 'secured') socket.destroy();
  return reading;
}

function securedBy(socket: TLSSocket, host: string): Secured {
  const certificate = socket.getPeerCertificate();
  // Node's types say Error; a self-signed certificate gives the code alone.
  const distrust: unknown = socket.authorizationError;
  const trouble =
    distrust instanceof Error ? distrust.message : typeof distrust === 'string' ? distrust : null;
  return {
    kind: 'secured',
    version: socket.getProtocol() ?? '',
    issuer: nameOf(certificate.issuer),
    validFromMs: Date.parse(certificate.valid_from),
    validToMs: Date.parse(certificate.valid_to),
    distrust: socket.authorized || trouble === null || /ALTNAME/.test(trouble) ? null : trouble,
    wrongName: identityError(host, certificate),
  };
}

function identityError(host: string, certificate: PeerCertificate): string | null {
  if (certificate.subject === undefined) return 'no certificate';
  return checkServerIdentity(host, certificate) === undefined
    ? null
    : (certificate.subjectaltname ?? nameOf(certificate.subject)).slice(0, 300);
}

function nameOf(name: Readonly<Record<string, unknown>> | undefined): string {
  return Object.values(name ?? {})
    .filter((value) => typeof value === 'string')
    .join(', ')
    .slice(0, 300);
}

function failedBy(error: NodeJS.ErrnoException): TlsReading {
  const code = error.code ?? error.message.slice(0, 100);
  return {
    kind: 'failed',
    code,
    // OpenSSL's words for octets that are no TLS record.
    plain: /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|RECORD_LAYER/.test(code),
    oldVersion:
      /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|HANDSHAKE_FAILURE|NO_PROTOCOLS|INTERNAL_ERROR|ECONNRESET/.test(
        code,
      ),
  };
}
