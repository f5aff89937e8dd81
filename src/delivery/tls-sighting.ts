import type { SmtpFailure, SmtpSession } from '../net/smtp-client/index.ts';
import { tlsaText } from '../protocol/dane/index.ts';
import type { TlsTrouble } from '../tls/index.ts';
import type { HostTls } from './host-tls.ts';

/** What one dial showed of a host's TLS: for the reports that its domain may ask for (RFC 8460). */
export type TlsSighting = {
  readonly host: string;
  readonly address: string | null;
  /** Sending address; null: the system chose. */
  readonly source: string | null;
  readonly trouble: TlsTrouble | null;
  /** A session was opened; null: none, because of the trouble. */
  readonly session: SmtpSession | null;
  /** The TLSA records that counted; null: DANE did not apply. */
  readonly tlsa: readonly string[] | null;
};

export type DialEnd =
  | { readonly ok: true; readonly session: SmtpSession }
  | { readonly ok: false; readonly failure: SmtpFailure };

export type Dialled = {
  readonly host: string;
  readonly address: string | null;
  readonly source: string | null;
  readonly end: DialEnd;
  /** null: it was not found out, because of what the end says. */
  readonly demand: HostTls | null;
  /** TLS was tried first, and in the clear only after it failed. */
  readonly fellBack: boolean;
};

/** null: TLS was not asked for, or the end has nothing to do with it. */
export function sightingOf({ host, address, source, end, demand, fellBack }: Dialled): TlsSighting | null {
  if (demand?.mode === 'none') return null;
  const tlsa = demand?.tlsa?.map(tlsaText) ?? null;
  const seen = { host, address, source, tlsa, session: end.ok ? end.session : null };
  if (!end.ok) {
    const trouble = troubleOf(end.failure);
    return trouble === null ? null : { ...seen, trouble };
  }
  const facts = end.session.tls;
  if (fellBack) return { ...seen, trouble: 'handshake' };
  return { ...seen, trouble: facts === null ? 'no-starttls' : (facts.problem ?? null) };
}

const troubles: Readonly<Partial<Record<string, TlsTrouble>>> = {
  'tls-unavailable': 'no-starttls',
  'tls-failed': 'handshake',
  'tls-too-old': 'handshake',
  'certificate-self-signed': 'self-signed',
  'certificate-untrusted': 'untrusted',
  'certificate-expired': 'expired',
  'certificate-name': 'name-mismatch',
  'dane-mismatch': 'dane-mismatch',
  'dane-lookup-failed': 'lookup',
  'sts-mx-mismatch': 'mx-mismatch',
};

/** The failure is one of TLS, or of what is demanded of it: the host was reached, or could be. */
export function isTlsCause(cause: string): boolean {
  return cause in troubles || cause === 'dane-absent';
}

function troubleOf(failure: SmtpFailure): TlsTrouble | null {
  if (failure.origin === 'local') return troubles[failure.cause] ?? null;
  return failure.stage === 'starttls' ? 'no-starttls' : null;
}
