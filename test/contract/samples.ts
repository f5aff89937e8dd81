import type { NewRecipient } from '../../src/campaigns/index.ts';
import type { DeliveryStore, Settlement } from '../../src/delivery/index.ts';
import type { FinalState, MessageEvent, ReturnedEvent } from '../../src/events/index.ts';

export const startMs = Date.UTC(2026, 0, 1);

/** `count` recipients at a few domains, with variables. */
export function recipients(count: number, prefix = 'user'): readonly NewRecipient[] {
  return Array.from({ length: count }, (_, at) => {
    const domain = `d${at % 3}.example`;
    const email = `${prefix}${at}@${domain}`;
    return { address: email, domain, variables: { email, 名前: `山田 ${at}` } };
  });
}

/** All that waits, read page by page. */
export function waitingIds(delivery: DeliveryStore, pageSize = 7): readonly number[] {
  const ids: number[] = [];
  for (;;) {
    const page = delivery.queuedPage(ids.at(-1) ?? 0, pageSize);
    if (page.length === 0) return ids;
    ids.push(...page.map((message) => message.id));
  }
}

/** An attempt that ended as `state` says, in the receiver's words. */
export function attempt(messageId: number, kind: 'delivered' | 'deferred' | 'refused'): MessageEvent {
  const replies = {
    delivered: { code: 250, status: '2.0.0', lines: ['2.0.0 Ok: queued as 4711'] },
    deferred: { code: 451, status: '4.7.1', lines: ['4.7.1 Greylisted,', 'try again later'] },
    refused: { code: 550, status: '5.1.1', lines: ['5.1.1 No such user here'] },
  } as const;
  const verdicts = { delivered: null, deferred: 'speeding', refused: 'userunknown' } as const;
  return {
    messageId,
    atMs: startMs + 1_000,
    kind: 'attempted',
    outcome: {
      kind,
      scope: 'recipient',
      stage: kind === 'delivered' ? 'eom' : 'rcpt',
      host: 'mx1.d0.example',
      address: '192.0.2.1',
      source: null,
      tls: { version: 'TLSv1.3', cipher: 'TLS_AES_256_GCM_SHA384', verified: true },
      durationMs: 12.5,
      origin: 'remote',
      reply: replies[kind],
    },
    reading: { verdict: verdicts[kind], detail: null, rule: null, confidence: 1 },
  };
}

export function final(messageId: number, state: FinalState): Settlement {
  const delivered = state === 'delivered';
  const event = attempt(messageId, delivered ? 'delivered' : 'refused');
  if (state === 'delivered' || state === 'bounced') return { event, next: { state } };
  const reading = { verdict: 'expired', detail: null, rule: 'local:expired', confidence: 1 };
  return {
    event: { messageId, atMs: startMs + 1_000, kind: state, outcome: null, reading },
    next: { state },
  };
}

export function deferred(messageId: number, attempts: number, untilMs = startMs + 60_000): Settlement {
  return {
    event: attempt(messageId, 'deferred'),
    next: { state: 'waiting', waiting: { because: 'retry', untilMs }, attempts, unknowns: attempts - 1 },
  };
}

/** A trusted late bounce of a message: the mailbox does not exist. */
export function bounce(messageId: number, facts: Partial<ReturnedEvent> = {}): ReturnedEvent {
  return {
    kind: 'bounced-later',
    messageId,
    matchedBy: 'return-path',
    trusted: true,
    recipient: 'user0@d0.example',
    atMs: startMs + 2_000,
    digest: 'digest',
    reading: { verdict: 'userunknown', detail: null, rule: 'status:5.1.1', confidence: 0.75 },
    hardBounce: true,
    party: 'sender',
    replyCode: 550,
    status: '5.1.1',
    said: '550 5.1.1 <user0@d0.example>: no such user',
    remoteHost: 'mx2.d0.example',
    feedbackType: null,
    provider: null,
    via: 'smtp',
    ...facts,
  };
}
