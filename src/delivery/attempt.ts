import type { Clock } from '../base/index.ts';
import { recycleMessage } from '../compose/index.ts';
import type { Outcome } from '../events/index.ts';
import { failureOutcome, nowhere, outcomeOf } from './outcome.ts';
import type { OpenSession } from './egress-path.ts';
import type { Composer, MessageRow } from './ports.ts';

/** `tried` false: the session ended before the message had its turn, and `outcome` tells only of the session. */
export type Attempt = { readonly tried: boolean; readonly outcome: Outcome };

/** One try of one message through an open session: compose, send, one outcome. `urgent`: before what the session holds ahead. */
export async function attempt(
  { row: message, urgent }: { readonly row: MessageRow; readonly urgent: boolean },
  open: OpenSession,
  tools: { readonly composer: Composer; readonly clock: Clock },
): Promise<Attempt> {
  const startedMs = tools.clock.monotonic();
  const sinceStart = (): number => Math.round(tools.clock.monotonic() - startedMs);
  const composed = tools.composer.compose(message);
  if ('failure' in composed) return { tried: true, outcome: composeFailed(composed.failure, sinceStart()) };
  const most = open.path.messageOctets;
  const octets = composed.bytes.length;
  if (most !== null && octets > most)
    return { tried: true, outcome: tooLarge({ octets, most }, sinceStart()) };
  const result = await open.session.send({
    from: composed.returnPath,
    to: message.address,
    body: composed.bytes,
    dotSafe: composed.dotSafe,
    eightBit: composed.eightBit,
    smtpUtf8: composed.smtpUtf8,
    ...(urgent ? { urgent } : {}),
    ...(composed.requireTls === true ? { requireTls: true } : {}),
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

/** Larger than the provider's published limit: it would refuse it after the last byte. */
function tooLarge(size: { readonly octets: number; readonly most: number }, durationMs: number): Outcome {
  return {
    ...nowhere,
    durationMs,
    kind: 'refused',
    scope: 'message',
    stage: 'mail',
    origin: 'local',
    cause: 'size-exceeded',
    text: `the message has ${size.octets} octets, the limit of this way out is ${size.most}`,
  };
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
