import { accept } from '../smtp/index.ts';
import type { Decision, ReceivedMessage, SmtpHooks } from '../smtp/index.ts';
import { createClientLimits } from './client-limits.ts';
import { readMailboxAddress } from './mailbox-address.ts';
import { behave, delayed, findBehaviour, isOnlySlow, refuse, refuseBlocked } from './refusal.ts';
import type { Place, Policy, PolicyOptions } from './refusal.ts';
import { fillReply } from './reply-text.ts';
import type { Provider } from './schema.ts';
import { createTries } from './tries.ts';

/** Turns a provider's data into the decisions of its hosts, which share all memory. */
export function createPolicy(options: PolicyOptions): (host: string) => SmtpHooks {
  const time = { nowMs: () => options.clock.monotonic(), timeScale: options.timeScale };
  const limits = createClientLimits(options.provider, time);
  const policy: Policy = { ...options, limits, tries: createTries(time) };
  return (host) => ({
    connected: (session) => greet(policy, { session, host }),
    closed() {
      policy.statistics.closed();
      policy.report({ kind: 'disconnected', provider: policy.provider.id });
    },
    mail: (session) => decideMail(policy, { session, host }),
    rcpt: (session, to) => decideRcpt(policy, { session, host }, to),
    message: (session, message) => decideMessage(policy, { session, host }, message),
  });
}

/** Content is only kept in memory where a word is looked for. */
export function looksAtContent(provider: Provider): boolean {
  return provider.recipients.some((behaviour) => behaviour.words !== undefined);
}

function greet(policy: Policy, place: Place): Decision {
  const { provider, statistics } = policy;
  statistics.opened();
  policy.report({ kind: 'connected', provider: provider.id });
  const host = provider.hosts.find((candidate) => candidate.name === place.host);
  if (host?.state === 'silent') return { kind: 'silence' };
  const { connections } = provider;
  if (connections !== undefined && statistics.open > connections.max) {
    const { reply } = connections;
    return refuse(policy, place, { cause: 'connections', recipient: null, reply, close: true });
  }
  const facts = { ip: place.session.clientAddress, host: place.host, recipient: null };
  const text = fillReply(provider.banner ?? ['220 {host} ESMTP'], facts);
  return delayed(
    provider.delaysMs.banner,
    refuseBlocked(policy, place, 'banner') ?? { kind: 'accept', text },
  );
}

function decideMail(policy: Policy, place: Place): Decision {
  const blocked = refuseBlocked(policy, place, 'mail');
  if (blocked !== null) return blocked;
  const { messagesPerConnection } = policy.provider;
  if (messagesPerConnection !== undefined && place.session.begun >= messagesPerConnection.max) {
    const { reply } = messagesPerConnection;
    return refuse(policy, place, { cause: 'messages-per-connection', recipient: null, reply, close: true });
  }
  const rate = policy.limits.countMessage(place.session.clientAddress);
  return rate === null ? accept : refuse(policy, place, { ...rate, cause: rate.id, recipient: null });
}

function decideRcpt(policy: Policy, place: Place, to: string): Decision {
  const { provider } = policy;
  const blocked = refuseBlocked(policy, place, 'rcpt');
  if (blocked !== null) return blocked;
  const recipient = readMailboxAddress(to);
  if (!provider.anyDomain && !provider.domains.includes(recipient.domain)) {
    const reply = ['554 5.7.1 <{recipient}>: Relay access denied'];
    return refuse(policy, place, { cause: 'relay', recipient, reply });
  }
  const behaviour = findBehaviour(policy, recipient, { stage: 'rcpt', content: null });
  if (behaviour !== null) return behave(policy, place, { behaviour, recipient });
  return delayed(provider.delaysMs.rcpt, accept);
}

/** A message has one reply for all its recipients (RFC 5321 §4.1.1.4): the first of them that is met decides. */
function decideMessage(policy: Policy, place: Place, message: ReceivedMessage): Decision {
  const recipients = message.recipients.map(readMailboxAddress);
  for (const recipient of recipients) {
    const behaviour = findBehaviour(policy, recipient, { stage: 'eom', content: message.content });
    if (behaviour === null) continue;
    if (behaviour.stored || isOnlySlow(behaviour)) keep(policy, message);
    return behave(policy, place, { behaviour, recipient });
  }
  keep(policy, message);
  const facts = { ip: place.session.clientAddress, host: place.host, recipient: recipients[0] ?? null };
  const text = fillReply(policy.provider.accepted ?? ['250 2.0.0 Ok: queued as {id}'], facts);
  return delayed(policy.provider.delaysMs.eom, { kind: 'accept', text });
}

function keep(policy: Policy, message: ReceivedMessage): void {
  policy.keep(message);
  for (const path of message.recipients) {
    const { full } = readMailboxAddress(path);
    policy.statistics.kept(full, message.messageId);
    policy.report({
      kind: 'accepted',
      provider: policy.provider.id,
      recipient: full,
      messageId: message.messageId,
    });
  }
}
