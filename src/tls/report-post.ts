import { request } from 'node:https';
import type { SecureContext } from 'node:tls';
import type { Clock } from '../base/index.ts';
import { hostAddresses } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';

/** What became of one way of a report. */
export type Carried = { readonly ok: boolean; readonly detail: string };

export type PostOptions = {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly context: SecureContext | null;
};

// As long as a policy is waited for (RFC 8461 §3.3): a web server of strangers.
const timeoutMs = 60_000;
const httpsPort = 443;

/** Hands a report over by HTTPS (RFC 8460 §5.4). Never rejects; no redirect is followed. */
export async function postReport(url: string, body: Buffer, options: PostOptions): Promise<Carried> {
  const { hostname, port, pathname, search } = new URL(url);
  const found = await hostAddresses(options.resolver, hostname.replace(/^\[|\]$/g, ''));
  const [address] = found.kind === 'found' ? found.addresses : [];
  if (address === undefined) return { ok: false, detail: `${hostname} has no address (${found.kind})` };
  const { promise, resolve } = Promise.withResolvers<Carried>();
  const asked = request({
    host: address,
    port: port === '' ? httpsPort : Number(port),
    path: `${pathname}${search}`,
    method: 'POST',
    headers: {
      host: port === '' ? hostname : `${hostname}:${port}`,
      'content-type': 'application/tlsrpt+gzip',
      'content-length': body.length,
      'user-agent': 'Todoku',
    },
    servername: hostname,
    agent: false,
    ...(options.context === null ? {} : { secureContext: options.context }),
  });
  const finish = (carried: Carried): void => {
    timer.cancel();
    resolve(carried);
    asked.destroy();
  };
  const timer = options.clock.after(timeoutMs, () =>
    finish({ ok: false, detail: `${url}: no answer within ${timeoutMs / 1000} s` }),
  );
  asked.on('error', (error) => finish({ ok: false, detail: `${url}: ${error.message}` }));
  asked.on('response', (response) => {
    response.resume();
    const status = response.statusCode ?? 0;
    finish({ ok: status >= 200 && status < 300, detail: `${url}: HTTP status ${status}` });
  });
  asked.end(body);
  return await promise;
}
