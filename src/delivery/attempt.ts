import type { Clock } from '../base/index.ts';
import type { Outcome } from '../events/index.ts';
import { nowhere, outcomeOf } from './outcome.ts';
import type { OpenSession } from './egress-path.ts';
import type { Composer, MessageRow } from './ports.ts';

/** One try of one message through an open session: compose, send, one outcome; null when it was never tried. */
export async function attempt(
  message: MessageRow,
  open: OpenSession,
  tools: { readonly composer: Composer; readonly clock: Clock },
): Promise<Outcome | null> {
  const startedMs = tools.clock.monotonic();
  const composed = tools.composer.compose(message);
  if ('failure' in composed) return composeFailed(composed.failure, tools.clock.monotonic() - startedMs);
  const result = await open.session.send({
    from: composed.returnPath,
    to: message.address,
    body: composed.bytes,
    dotSafe: composed.dotSafe,
    eightBit: composed.eightBit,
    smtpUtf8: composed.smtpUtf8,
  });
  const place = {
    host: open.host,
    address: open.address,
    source: open.path.source.ip,
    tls: open.session.tls,
  };
  return outcomeOf(result, place, Math.round(tools.clock.monotonic() - startedMs));
}

function composeFailed(text: string, durationMs: number): Outcome {
  const facts = { ...nowhere, durationMs: Math.round(durationMs) };
  return {
    ...facts,
    kind: 'refused',
    scope: 'message',
    stage: 'compose',
    origin: 'local',
    cause: 'compose-failed',
    text,
  };
}
