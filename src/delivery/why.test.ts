import { expect, test } from 'vitest';
import type { MessageEvent, Outcome, ReturnedEvent } from '../events/index.ts';
import { nowhere } from './outcome.ts';
import type { PathHold } from './ports.ts';
import type { Suspension } from './reaction.ts';
import { anyHours } from './sending-hours.ts';
import type { SendingHours } from './sending-hours.ts';
import { why, whyUnmailed } from './why.ts';
import type { Explained } from './why.ts';
import type { MessageFacts, SuppressionFacts, WhyStore } from './why-ports.ts';

const nowMs = Date.UTC(2026, 0, 2);
const facts: MessageFacts = {
  id: 5,
  campaign: 'c-x',
  list: 'c-x',
  sending: { stream: 'bulk', window: null, timezone: null, recipientTimezone: null },
  campaignOpen: true,
  senderDomain: 'news.example',
  address: 'a@example.jp',
  domain: 'example.jp',
  state: 'waiting',
  acceptedMs: nowMs - 1000,
  expiresMs: nowMs + 86_400_000,
};
const advice = { title: 't', meaning: 'm', steps: [] };
const explained: Explained = {
  party: 'nobody',
  confidence: 0.9,
  dropsSilently: false,
  advice: { ja: advice, en: advice },
};
const refusal: Outcome = {
  ...nowhere,
  host: 'mx.example.jp',
  durationMs: 1,
  kind: 'refused',
  scope: 'recipient',
  stage: 'rcpt',
  origin: 'remote',
  reply: { code: 550, status: '5.1.1', lines: ['5.1.1 no such user'] },
};

function ask(world: {
  facts?: Partial<MessageFacts>;
  events?: MessageEvent[];
  returned?: ReturnedEvent[];
  suppressions?: SuppressionFacts[];
  waitingUntilMs?: number;
  holds?: PathHold[];
  campaignHold?: Suspension;
  working?: boolean;
  hours?: SendingHours;
  explained?: Partial<Explained>;
}) {
  const store: WhyStore = {
    messagesOf: () => [],
    messageById: () => null,
    messageByKey: () => null,
    messagesOfMail: () => [],
    eventsOf: () => world.events ?? [],
    returnedOf: () => world.returned ?? [],
    waitingOf: () =>
      world.waitingUntilMs === undefined ? null : { because: 'retry', untilMs: world.waitingUntilMs },
    campaignHold: () => world.campaignHold ?? null,
    holdsFor: () => world.holds ?? [],
  };
  return why(
    { ...facts, ...world.facts },
    {
      store,
      nowMs,
      hours: world.hours ?? anyHours,
      working: world.working ?? true,
      explain: () => ({ ...explained, ...world.explained }),
      messageIdOf: () => '<m@x>',
      suppressionsOf: () => world.suppressions ?? [],
    },
  );
}

const closedAtNight = {
  protectedHours: { opens: 8 * 60, closes: 21 * 60 },
  isProtected: (domain: string) => domain === 'example.jp',
  timezoneOf: (domain: string) => (domain === 'example.jp' ? 'Asia/Tokyo' : null),
  ownTimezone: 'UTC',
};

test('what waits for its window says so, and until when that opens', () => {
  const window = { opens: 9 * 60, closes: 20 * 60 };
  const sending = { stream: 'bulk', window, timezone: null, recipientTimezone: 'America/New_York' } as const;
  // Midnight UTC is seven in the evening there: open. At two it is nine.
  expect(ask({ facts: { sending } }).because).toBe('queued');
  const later = ask({ facts: { sending: { ...sending, recipientTimezone: 'Europe/Berlin' } } });
  expect([later.because, later.until]).toEqual(['window', '2026-01-02T08:00:00.000Z']);
  expect(later.becauseText?.en).toMatch(/09:00-20:00 Europe\/Berlin/);
  const before = ask({
    facts: { sending: { ...sending, timezone: 'Europe/Berlin', recipientTimezone: null } },
  });
  expect(before.because).toBe('window');
});

test('quiet hours keep bulk mail from phones, by the time of their carrier, and nothing that somebody waits for', () => {
  const sending = { stream: 'bulk', window: null, timezone: null, recipientTimezone: null } as const;
  const night = { ...closedAtNight, protectedHours: { opens: 10 * 60, closes: 21 * 60 } };
  // Nine in the morning in Japan.
  expect(ask({ facts: { sending }, hours: closedAtNight }).because).toBe('queued');
  const waits = ask({ facts: { sending }, hours: night });
  expect([waits.because, waits.until]).toEqual(['window', '2026-01-02T01:00:00.000Z']);
  expect(ask({ facts: { sending, domain: 'other.example' }, hours: night }).because).toBe('queued');
  const urgent = { ...sending, stream: 'transactional' } as const;
  expect(ask({ facts: { sending: urgent }, hours: night }).because).toBe('queued');
});

function event(outcome: Outcome): MessageEvent {
  return {
    messageId: 5,
    atMs: nowMs,
    kind: 'attempted',
    outcome,
    reading: { verdict: 'userunknown', detail: null, rule: 'r', confidence: 0.9 },
  };
}

test('a refusal: the receiver’s own words, the verdict, proved', () => {
  const answer = ask({ facts: { state: 'bounced' }, events: [event(refusal)] });
  expect(answer).toMatchObject({
    state: 'bounced',
    because: null,
    until: null,
    verdict: 'userunknown',
    certainty: 'proved',
  });
  expect(answer.timeline.map((entry) => entry.event)).toEqual(['accepted', 'attempted']);
  expect(answer.timeline[1]).toMatchObject({
    reply: '550 5.1.1 no such user',
    stage: 'rcpt',
    host: 'mx.example.jp',
    cause: null,
  });
});

test('a weak reading is only likely', () => {
  expect(
    ask({ facts: { state: 'bounced' }, events: [event(refusal)], explained: { confidence: 0.5 } }).certainty,
  ).toBe('likely');
});

test('lost after the final dot cannot be known', () => {
  const lost: Outcome = {
    ...nowhere,
    durationMs: 1,
    kind: 'unknown',
    scope: 'host',
    stage: 'eom',
    origin: 'local',
    cause: 'connection-lost',
    text: 'closed',
  };
  expect(ask({ events: [event(lost)], waitingUntilMs: nowMs + 5 }).certainty).toBe('unknowable');
});

test('accepted by a receiver that drops silently cannot be known', () => {
  expect(ask({ facts: { state: 'delivered' }, events: [event(taken)] }).certainty).toBe('proved');
  expect(
    ask({ facts: { state: 'delivered' }, events: [event(taken)], explained: { dropsSilently: true } })
      .certainty,
  ).toBe('unknowable');
});

const taken: Outcome = {
  ...refusal,
  kind: 'delivered',
  stage: 'eom',
  reply: { code: 250, status: null, lines: ['ok'] },
};
const success: MessageEvent = {
  ...event(taken),
  reading: { verdict: null, detail: null, rule: null, confidence: 1 },
};
const news: ReturnedEvent = {
  kind: 'bounced-later',
  messageId: 5,
  matchedBy: 'return-path',
  trusted: true,
  recipient: 'a@example.jp',
  atMs: nowMs + 60_000,
  digest: 'd',
  reading: { verdict: 'mailboxfull', detail: null, rule: 'r', confidence: 0.9 },
  hardBounce: false,
  party: 'recipient',
  replyCode: 552,
  status: '5.2.2',
  said: 'mailbox full',
  remoteHost: 'mbox.example.jp',
  feedbackType: null,
  provider: null,
  via: 'smtp',
};
const suppression: SuppressionFacts = {
  address: 'a@example.jp',
  scope: 'address',
  list: null,
  reason: 'bounced',
  source: 'message:5',
  atMs: nowMs + 60_000,
  note: 'mailbox full',
  verdict: 'mailboxfull',
  evidence: 'returned:1',
  untilMs: nowMs + 90_000,
  ended: null,
};

test('accepted, bounced later, and the address suppressed for it', () => {
  const answer = ask({
    facts: { state: 'bounced' },
    events: [success],
    returned: [news],
    suppressions: [suppression],
    explained: { party: 'recipient' },
  });
  expect(answer).toMatchObject({
    verdict: 'mailboxfull',
    certainty: 'proved',
    later: true,
    party: 'recipient',
  });
  expect(answer.timeline.map((each) => each.event)).toEqual(['accepted', 'attempted', 'bounced-later']);
  expect(answer.timeline[2]).toMatchObject({ reply: 'mailbox full', host: 'mbox.example.jp', trusted: true });
  expect(answer.suppressions).toMatchObject([{ reason: 'bounced', evidence: 'returned:1' }]);
});

test('what was suppressed for it and lifted again is part of its history', () => {
  const ended = { by: 'lifted', atMs: nowMs + 99_000, because: 'emptied', source: 'cli' } as const;
  const answer = ask({
    facts: { state: 'bounced' },
    events: [success],
    returned: [news],
    suppressions: [{ ...suppression, ended }],
  });
  expect(answer.suppressions).toEqual([]);
  expect(answer.timeline.slice(-2)).toMatchObject([
    { event: 'address-suppressed', verdict: 'mailboxfull' },
    { event: 'suppression-ended', text: 'emptied', detail: 'lifted' },
  ]);
});

test('a complaint says more than the delivery; a forged one says nothing', () => {
  const complaint: ReturnedEvent = {
    ...news,
    kind: 'complained',
    reading: { ...news.reading, verdict: 'feedback' },
  };
  const world = {
    facts: { state: 'delivered' as const },
    events: [success],
    explained: { dropsSilently: true },
  };
  expect(ask({ ...world, returned: [complaint] })).toMatchObject({
    verdict: 'feedback',
    certainty: 'proved',
  });
  expect(ask({ ...world, returned: [{ ...complaint, trusted: false }] })).toMatchObject({
    verdict: null,
    certainty: 'unknowable',
  });
});

test('a vacation notice proves the delivery, a delay puts it in doubt', () => {
  const world = { facts: { state: 'delivered' as const }, events: [success] };
  const answer = ask({
    ...world,
    returned: [{ ...news, kind: 'auto-replied' }],
    explained: { dropsSilently: true },
  });
  expect(answer).toMatchObject({ verdict: null, certainty: 'proved', later: false });
  expect(ask({ ...world, returned: [{ ...news, kind: 'delay-notice' }] }).certainty).toBe('unknowable');
});

test('a suppressed message names what kept it, and not what came later or was lifted before', () => {
  const acceptedMs = facts.acceptedMs;
  const before = { ...suppression, source: 'cli', atMs: acceptedMs - 9, note: 'asked by phone' };
  const ended = { by: 'lifted', atMs: acceptedMs - 1, because: 'x', source: 'cli' } as const;
  const answer = ask({
    facts: { state: 'suppressed' },
    suppressions: [
      before,
      { ...before, ended, note: 'lifted before' },
      { ...before, atMs: acceptedMs + 1, note: 'later' },
      { ...before, scope: 'list', list: 'another', note: 'of another list' },
    ],
  });
  expect(answer.timeline.map((each) => [each.event, each.text])).toEqual([
    ['address-suppressed', 'asked by phone'],
    ['accepted', null],
  ]);
});

test('an address that no mail ever went to, but none may go to', () => {
  const explain = () => explained;
  const lifted = {
    ...suppression,
    ended: { by: 'lifted', atMs: nowMs, because: 'typo', source: 'cli' },
  } as const;
  const ask2 = (list: SuppressionFacts[]) =>
    whyUnmailed('a@example.jp', { explain, suppressionsOf: () => list });
  expect(ask2([])).toBeNull();
  expect(ask2([lifted])).toBeNull();
  expect(ask2([lifted, suppression])).toMatchObject({
    message: null,
    state: 'suppressed',
    verdict: 'mailboxfull',
    certainty: 'proved',
    until: new Date(nowMs + 90_000).toISOString(),
    timeline: [{ event: 'suppression-ended', text: 'typo' }, {}, {}],
  });
});

const hold: PathHold = {
  site: 's',
  domain: 'example.jp',
  source: null,
  because: 'unreachable',
  detail: 'refused',
  untilMs: nowMs + 9_000,
};

test.each([
  {
    name: 'nobody works',
    world: { working: false, waitingUntilMs: nowMs + 5_000 },
    because: 'not-running',
    untilMs: facts.expiresMs,
  },
  {
    name: 'its own retry',
    world: { waitingUntilMs: nowMs + 5_000, holds: [hold] },
    because: 'retry',
    untilMs: nowMs + 5_000,
  },
  {
    name: 'its way is held',
    world: { waitingUntilMs: nowMs - 1, holds: [hold] },
    because: 'unreachable',
    untilMs: nowMs + 9_000,
  },
  {
    name: 'its turn',
    world: { holds: [{ ...hold, untilMs: nowMs - 1 }] },
    because: 'queued',
    untilMs: facts.expiresMs,
  },
])('waiting: $name', ({ world, because, untilMs }) => {
  const answer = ask(world);
  expect(answer.because).toBe(because);
  expect(answer.until).toBe(new Date(untilMs).toISOString());
  expect(answer.becauseText?.ja).not.toBe('');
  // While nothing delivers, waiting mends nothing.
  expect(answer.party).toBe(because === 'not-running' ? 'operator' : 'nobody');
});
