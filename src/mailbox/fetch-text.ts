import { request } from 'node:https';
import type { Clock } from '../base/index.ts';
import { hostAddresses } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';

export type FetchOptions = {
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** PEM to trust; null: what Node trusts. */
  readonly authorities: readonly string[] | null;
};

// A settings file has a few kilobytes.
const mostOctets = 65_536;

/** Gets a text by HTTPS: no redirect, no more than 64 KB; null for whatever else happens, since a settings file is a courtesy. */
export async function fetchText(url: string, options: FetchOptions): Promise<string | null> {
  const { hostname, port, pathname, search } = new URL(url);
  const found = await hostAddresses(options.resolver, hostname);
  const [address] = found.kind === 'found' ? found.addresses : [];
  if (address === undefined) return null;
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const asked = request({
    host: address,
    port: port === '' ? 443 : Number(port),
    path: `${pathname}${search}`,
    headers: { host: hostname, 'user-agent': 'Todoku' },
    servername: hostname,
    agent: false,
    ...(options.authorities === null ? {} : { ca: [...options.authorities] }),
  });
  asked.on('error', () => resolve(null));
  asked.on('response', (response) => {
    const pieces: Buffer[] = [];
    let octets = 0;
    if (response.statusCode !== 200) resolve(null);
    response.on('data', (piece: Buffer) => {
      octets += piece.length;
      if (octets > mostOctets) resolve(null);
      else pieces.push(piece);
    });
    response.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    response.on('error', () => resolve(null));
  });
  asked.end();
  const timer = options.clock.after(options.timeoutMs, () => resolve(null));
  const text = await promise;
  timer.cancel();
  asked.destroy();
  return text;
}
