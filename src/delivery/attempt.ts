import type { Clock } from '../base/index.ts';
import { recycleMessage } from '../compose/index.ts';
import type { Outcome } from '../events/index.ts';
import { failureOutcome, nowhere, outcomeOf } from './outcome.ts';
import type { OpenSession } from './egress-path.ts';
import type { Composer, MessageRow } from './ports.ts';

/** `tried` false: the session ended before the message had its turn, and `outcome` tells only of the session. */
export type Attempt = { readonly tried: boolean; readonly outcome: Outcome };

/** One try of one message through an open session: compose, send, one outcome. */
export async function attempt(
  message: MessageRow,
  open: OpenSession,
  tools: { readonly composer: Composer; readonly clock: Clock },
): Promise<Attempt> {
  const startedMs = tools.clock.monotonic();
  const sinceStart = (): number => Math.round(tools.clock.monotonic() - startedMs);
  const composed = tools.composer.compose(message);
  if ('failure' in composed) return { tried: true, outcome: composeFailed(composed.failure, sinceStart()) };
  const result = await open.session.send({
    from: composed.returnPath,
    to: message.address,
    body: composed.bytes,
    dotSafe: composed.dotSafe,
    eightBit: composed.eightBit,
    smtpUtf8: composed.smtpUtf8,
  });
  // The receiver has answered the last byte: nobody reads the buffer any more.
  if (result.kind === 'accepted') recycleMessage(composed.bytes);
  const place = {
    host: open.host,
    address: open.address,
    source: open.path.source.ip,
    tls: open.session.tls,
  };
  if (result.kind === 'untried')
    return {
      tried: false,
      outcome: failureOutcome(result.failure, { ...place, durationMs: sinceStart() }),
    };
  return { tried: true, outcome: outcomeOf(result, place, sinceStart()) };
}

function composeFailed(text: string, durationMs: number): Outcome {
  const facts = { ...nowhere, durationMs };
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
