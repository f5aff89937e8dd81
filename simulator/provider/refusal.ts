import type { Clock } from '../../src/base/index.ts';
import { accept } from '../smtp/index.ts';
import type { Decision, ReceivedMessage, Session } from '../smtp/index.ts';
import { isChosen } from './choice.ts';
import type { ClientLimits } from './client-limits.ts';
import { hasWord } from './content-words.ts';
import type { Happening } from './happening.ts';
import type { MailboxAddress } from './mailbox-address.ts';
import { fillReply } from './reply-text.ts';
import type { Behaviour, Provider } from './schema.ts';
import type { Statistics } from './statistics.ts';
import type { Tries } from './tries.ts';

export type PolicyOptions = {
  readonly provider: Provider;
  readonly seed: string;
  readonly timeScale: number;
  readonly clock: Clock;
  readonly statistics: Statistics;
  readonly report: (happening: Happening) => void;
  /** Called for each message that is kept. */
  readonly keep: (message: ReceivedMessage) => void;
};

/** A provider with its memory, shared by all its hosts. */
export type Policy = PolicyOptions & { readonly limits: ClientLimits; readonly tries: Tries };

/** Where in a dialog a decision is due. */
export type Place = { readonly session: Session; readonly host: string };

/** What is refused, why, and in which words; without words the connection ends. */
export type Refusal = {
  /** Id of the behaviour or limit. */
  readonly cause: string;
  readonly recipient: MailboxAddress | null;
  readonly reply?: readonly string[] | undefined;
  readonly drop?: 'close' | 'reset' | undefined;
  readonly close?: boolean;
};

/** Counts and reports a refusal, and words it. */
export function refuse(policy: Policy, place: Place, refusal: Refusal): Decision {
  const { statistics, report, provider } = policy;
  const { cause } = refusal;
  const recipient = refusal.recipient?.full ?? null;
  if (refusal.reply === undefined) {
    statistics.dropped(cause);
    report({ kind: 'dropped', provider: provider.id, cause, recipient });
    return { kind: 'drop', how: refusal.drop ?? 'close' };
  }
  const text = fillReply(refusal.reply, {
    ip: place.session.clientAddress,
    host: place.host,
    recipient: refusal.recipient,
  });
  statistics.refused(cause, text);
  report({ kind: 'refused', provider: provider.id, cause, recipient, reply: text });
  return { kind: 'reply', text, close: refusal.close === true };
}

/** The decision when this client is blocked at this stage. */
export function refuseBlocked(
  policy: Policy,
  place: Place,
  stage: 'banner' | 'mail' | 'rcpt',
): Decision | null {
  const { block } = policy.provider;
  if (block?.stage !== stage || !policy.limits.isBlocked(place.session.clientAddress)) return null;
  const { reply } = block;
  return refuse(policy, place, { cause: 'block', recipient: null, reply, close: stage === 'banner' });
}

/** The first behaviour that applies to a recipient now. */
export function findBehaviour(
  policy: Policy,
  recipient: MailboxAddress,
  at: { readonly stage: Behaviour['stage']; readonly content: Buffer | null },
): Behaviour | null {
  for (const behaviour of policy.provider.recipients) {
    if (behaviour.stage !== at.stage || !isChosen(policy, behaviour, recipient)) continue;
    const { words } = behaviour;
    if (words !== undefined && (at.content === null || !hasWord(at.content, words))) continue;
    if (policy.tries.meets(behaviour, recipient.full)) return behaviour;
  }
  return null;
}

/** Does to the recipient what the behaviour says. */
export function behave(
  policy: Policy,
  place: Place,
  met: { readonly behaviour: Behaviour; readonly recipient: MailboxAddress },
): Decision {
  const { behaviour, recipient } = met;
  if (behaviour.verdict === 'userunknown') policy.limits.countUnknown(place.session.clientAddress);
  const next = isOnlySlow(behaviour)
    ? accept
    : refuse(policy, place, { ...behaviour, cause: behaviour.id, recipient });
  return delayed(behaviour.delayMs, next);
}

/** A behaviour that neither refuses nor drops. */
export function isOnlySlow(behaviour: Behaviour): boolean {
  return behaviour.reply === undefined && behaviour.drop === undefined;
}

export function delayed(delayMs: number | undefined, next: Decision): Decision {
  return delayMs === undefined || delayMs === 0 ? next : { kind: 'delay', delayMs, next };
}
