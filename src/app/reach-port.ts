import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { PortSight } from '../deliverability/index.ts';
import { dial } from '../net/smtp-client/index.ts';
import { tlsContext } from './delivery-engine.ts';

// A healthy server greets within a second; some make strangers wait (greet delay) for twenty.
const reachMs = 25_000;

/** Connects and greets, without a mail. */
export async function reachPort(
  config: Pick<Config, 'delivery'>,
  place: { readonly host: string; readonly address: string },
  clock: Clock,
): Promise<PortSight> {
  const result = await dial({
    ...place,
    port: config.delivery.port,
    localAddress: null,
    hostname: config.delivery.hostname,
    tls: { mode: 'opportunistic', context: tlsContext(config.delivery.tlsCa) },
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
    return { open: true, text: tls === null ? `no TLS (STARTTLS ${extensions.startTls})` : tls.version };
  }
  const { failure } = result;
  // A server that refuses this client by its own words is there.
  if (failure.origin === 'remote')
    return { open: true, text: `${failure.stage}: ${failure.reply.lines.join(' ')}` };
  return { open: false, text: `${failure.cause}: ${failure.text}` };
}
