import { expect, test } from 'vitest';
import type { MessageEvent, Outcome, ReturnedEvent } from '../events/index.ts';
import { nowhere } from './outcome.ts';
import type { PathHold } from './ports.ts';
import { why } from './why.ts';
import type { Explained } from './why.ts';
import type { MessageFacts, WhyStore } from './why-ports.ts';

const nowMs = Date.UTC(2026, 0, 2);
const facts: MessageFacts = {
  id: 5,
  campaign: 'c-x',
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
  waitingUntilMs?: number;
  holds?: PathHold[];
  working?: boolean;
  explained?: Partial<Explained>;
}) {
  const store: WhyStore = {
    messagesOf: () => [],
    messageByKey: () => null,
    eventsOf: () => world.events ?? [],
    returnedOf: () => world.returned ?? [],
    waitingOf: () =>
      world.waitingUntilMs === undefined ? null : { because: 'retry', untilMs: world.waitingUntilMs },
    holdsFor: () => world.holds ?? [],
  };
  return why(
    { ...facts, ...world.facts },
    {
      store,
      nowMs,
      working: world.working ?? true,
      explain: () => ({ ...explained, ...world.explained }),
      messageIdOf: () => '<m@x>',
    },
  );
}

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
  const taken: Outcome = {
    ...refusal,
    kind: 'delivered',
    stage: 'eom',
    reply: { code: 250, status: null, lines: ['ok'] },
  };
  expect(ask({ facts: { state: 'delivered' }, events: [event(taken)] }).certainty).toBe('proved');
  expect(
    ask({ facts: { state: 'delivered' }, events: [event(taken)], explained: { dropsSilently: true } })
      .certainty,
  ).toBe('unknowable');
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
