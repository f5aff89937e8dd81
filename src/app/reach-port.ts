import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { MailPort, PortSight } from '../deliverability/index.ts';
import { dial } from '../net/smtp-client/index.ts';
import type { TlsProof } from '../net/smtp-client/index.ts';
import { tlsContext } from './delivery-engine.ts';

// A healthy server greets within a second; some make strangers wait (greet delay) for twenty.
const reachMs = 25_000;

// What a dial ends with when the server did not prove what was asked, or has no TLS to prove it with.
const unproven: ReadonlySet<string> = new Set([
  'tls-failed',
  'tls-too-old',
  'tls-unavailable',
  'certificate-self-signed',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-name',
  'dane-mismatch',
]);

/** Connects and greets, without a mail; with `proof` over TLS or not at all. */
export async function reachPort(
  config: Pick<Config, 'delivery'>,
  { host, address, proof }: MailPort & { readonly proof: TlsProof | null },
  clock: Clock,
): Promise<PortSight> {
  const context = tlsContext(config.delivery.tlsCa);
  const result = await dial({
    host,
    address,
    port: config.delivery.port,
    localAddress: null,
    hostname: config.delivery.hostname,
    tls: proof === null ? { mode: 'opportunistic', context } : { mode: 'required', context, proof },
    timeouts: {
      connectMs: 10_000,
      bannerMs: reachMs,
      commandMs: 10_000,
      dataMs: reachMs,
      blockMs: reachMs,
      eomMs: reachMs,
    },
    clock,
  });
  if (result.ok) {
    const { tls, extensions } = result.session;
    await result.session.quit();
    const text = tls === null ? `no TLS (STARTTLS ${extensions.startTls})` : tls.version;
    return { open: true, proven: proof === null ? null : true, text };
  }
  const { failure } = result;
  // A server that refuses this client by its own words is there.
  if (failure.origin === 'remote')
    return { open: true, proven: null, text: `${failure.stage}: ${failure.reply.lines.join(' ')}` };
  const isUnproven = unproven.has(failure.cause);
  const text = `${failure.cause}: ${failure.text}`;
  return { open: isUnproven, proven: proof !== null && isUnproven ? false : null, text };
}
