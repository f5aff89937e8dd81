import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { checkServerIdentity } from 'node:tls';
import type { PeerCertificate, SecureContext } from 'node:tls';
import type { Clock } from '../base/index.ts';
import { hostAddresses } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';

/** The file, or why it could not be had; `webpki`: the server could not prove its name. */
export type StsFetched =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly cause: 'fetch-error' | 'webpki-invalid'; readonly text: string };

export type StsFetchOptions = {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly context: SecureContext | null;
  /** 443 (RFC 8461 §3.3); another one for tests. */
  readonly port: number;
  readonly timeoutMs: number;
};

/** RFC 8461 §3.3: one minute. */
export const stsTimeoutMs = 60_000;
// RFC 8461 §3.3: 64 KB.
const mostOctets = 64 * 1024;

/** Gets the policy file of a domain (RFC 8461 §3.3): HTTPS with a valid certificate, no redirect, no proxy, no HTTP cache. */
export async function fetchStsPolicy(domain: string, options: StsFetchOptions): Promise<StsFetched> {
  const host = `mta-sts.${domain}`;
  const found = await hostAddresses(options.resolver, host);
  const [address] = found.kind === 'found' ? found.addresses : [];
  if (address === undefined) return failed('fetch-error', `${host} has no address (${found.kind})`);
  return await get({ host, address }, options);
}

function failed(cause: 'fetch-error' | 'webpki-invalid', text: string): StsFetched {
  return { ok: false, cause, text };
}

type Place = { readonly host: string; readonly address: string };

function get({ host, address }: Place, options: StsFetchOptions): Promise<StsFetched> {
  const { promise, resolve } = Promise.withResolvers<StsFetched>();
  const url = `https://${host}/.well-known/mta-sts.txt`;
  let asked: ClientRequest | null = null;
  const finish = (result: StsFetched): void => {
    timer.cancel();
    resolve(result);
    asked?.destroy();
  };
  const timer = options.clock.after(options.timeoutMs, () =>
    finish(failed('fetch-error', `${url}: no answer within ${options.timeoutMs / 1000} s`)),
  );
  const onError = (error: NodeJS.ErrnoException): void => {
    const cause = isUnproven(error) ? 'webpki-invalid' : 'fetch-error';
    finish(failed(cause, `${url}: ${error.message}`));
  };
  asked = request({
    host: address,
    port: options.port,
    path: '/.well-known/mta-sts.txt',
    headers: { host, 'user-agent': 'Todoku' },
    servername: host,
    // A connection of its own: none that was opened under other rules is used again.
    agent: false,
    rejectUnauthorized: true,
    checkServerIdentity: identityError,
    ...(options.context === null ? {} : { secureContext: options.context }),
  });
  asked.on('error', onError);
  asked.on('response', (response) => read(response, (result) => finish(withPlace(url, result))));
  asked.end();
  return promise;
}

function withPlace(url: string, result: StsFetched): StsFetched {
  return result.ok ? result : { ...result, text: `${url}: ${result.text}` };
}

function read(response: IncomingMessage, done: (result: StsFetched) => void): void {
  const status = response.statusCode ?? 0;
  // RFC 8461 §3.3: a redirect is not followed, and whatever else is not 200 is no policy.
  if (status !== 200) return done(failed('fetch-error', `HTTP status ${status}`));
  const type = response.headers['content-type']?.split(';')[0]?.trim().toLowerCase() ?? '';
  // RFC 8461 §3.2: so that a file which somebody may upload there is not taken for the policy.
  if (type !== 'text/plain')
    return done(failed('fetch-error', `its type is ${JSON.stringify(type)}, not text/plain`));
  const chunks: Buffer[] = [];
  let octets = 0;
  response.on('data', (chunk: Buffer) => {
    octets += chunk.length;
    if (octets > mostOctets) done(failed('fetch-error', `it is larger than ${mostOctets} octets`));
    else chunks.push(chunk);
  });
  response.on('error', (error) => done(failed('fetch-error', error.message)));
  response.on('close', () => {
    if (response.complete) done({ ok: true, text: Buffer.concat(chunks).toString('utf8') });
    else done(failed('fetch-error', 'the answer broke off'));
  });
}

/** RFC 8461 §3.3: a DNS name of the certificate; the common name does not count. */
function identityError(host: string, peer: PeerCertificate): Error | undefined {
  const error = checkServerIdentity(host, peer);
  if (error !== undefined) return error;
  const certificate = new X509Certificate(peer.raw);
  if (certificate.checkHost(host, { subject: 'never', partialWildcards: false }) !== undefined)
    return undefined;
  return Object.assign(new Error(`the certificate has no DNS name ${host}`), {
    code: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
}

// The names that Node gives what OpenSSL finds wrong with a certificate.
const unproven = /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE/;

function isUnproven({ code }: NodeJS.ErrnoException): boolean {
  return code !== undefined && unproven.test(code) && !code.startsWith('ERR_SSL_');
}
