import { describe, expect, it } from 'vitest';
import type { Outcome } from '../events/index.ts';
import type { ReactionRule, ReactionStep } from '../knowledge/index.ts';
import type { Observed } from './reaction.ts';
import { createKeeps, createReactions } from './reactions.ts';

const minuteMs = 60_000;

function rule(facts: Partial<ReactionRule> & { readonly steps: readonly ReactionStep[] }): ReactionRule {
  return {
    id: 'ours',
    verdicts: ['blocked'],
    details: null,
    replyRules: null,
    providers: null,
    stages: null,
    kinds: null,
    leastConfidence: 0,
    times: 1,
    withinMs: 0,
    share: null,
    keeps: false,
    meaning: { ja: '規則', en: 'a rule' },
    source: ['field'],
    writtenAt: 'ours.yaml:1',
    ...facts,
  };
}

const refusal: Outcome = {
  kind: 'refused',
  scope: 'message',
  stage: 'mail',
  host: 'mx.a.example',
  address: '192.0.2.1',
  source: '192.0.2.9',
  tls: null,
  durationMs: 10,
  origin: 'remote',
  reply: { code: 550, status: '5.7.1', lines: ['192.0.2.9 is on our block list'] },
};

function observed(atMs: number, change: Partial<Observed> = {}): Observed {
  return {
    atMs,
    site: 'mx.a.example:25',
    source: '192.0.2.9',
    domain: 'a.example',
    provider: null,
    message: { id: 1, campaignId: 7 },
    outcome: refusal,
    reading: { verdict: 'blocked', detail: null, rule: 'r', confidence: 0.9 },
    ...change,
  };
}

function delivery(atMs: number): Observed {
  const outcome: Outcome = { ...refusal, kind: 'delivered', stage: 'eom' };
  return observed(atMs, { outcome, reading: { verdict: null, detail: null, rule: null, confidence: 1 } });
}

const suspend = (
  scope: 'path' | 'source-at-site' | 'source' | 'domain-at-site',
  forMs = 30 * minuteMs,
): ReactionStep => ({
  do: 'suspend',
  scope,
  forMs,
  longestMs: 2 * forMs,
});

describe('a rule that stops something', () => {
  it('stops it once, until the end of its time, and says in whose words', () => {
    const reactions = createReactions([rule({ steps: [suspend('source-at-site'), { do: 'alert' }] })]);
    const [stop, alert] = reactions.observe(observed(1_000));
    expect(stop).toMatchObject({
      do: 'suspend',
      rule: 'ours',
      target: { scope: 'source-at-site', site: 'mx.a.example:25', source: '192.0.2.9' },
      untilMs: 1_000 + 30 * minuteMs,
      detail: '550 192.0.2.9 is on our block list',
      messageId: 1,
    });
    expect(alert).toMatchObject({ do: 'alert', untilMs: null });
    expect(reactions.observe(observed(2_000))).toEqual([]);
    expect(reactions.observe(observed(2_000, { source: '192.0.2.10' }))).toHaveLength(2);
  });

  it('stops it for twice as long when it happens again soon after, up to the longest', () => {
    const reactions = createReactions([rule({ steps: [suspend('source-at-site')] })]);
    const lengths: number[] = [];
    for (let atMs = 0, round = 0; round < 3; round++) {
      const [stop] = reactions.observe(observed(atMs));
      lengths.push((stop?.untilMs ?? 0) - atMs);
      atMs = (stop?.untilMs ?? 0) + minuteMs;
    }
    expect(lengths).toEqual([30 * minuteMs, 60 * minuteMs, 60 * minuteMs]);
  });

  it('begins anew after somebody has lifted the stop', () => {
    const reactions = createReactions([rule({ steps: [suspend('source')] })]);
    const [stop] = reactions.observe(observed(0));
    if (stop === undefined) throw new Error('no reaction');
    reactions.released(stop.target);
    expect(reactions.observe(observed(1_000))[0]?.untilMs).toBe(1_000 + 30 * minuteMs);
  });

  it('goes on with what was in force before a restart', () => {
    const rules = [rule({ steps: [suspend('source-at-site')] })];
    const [stop] = createReactions(rules).observe(observed(0));
    if (stop?.untilMs === null || stop === undefined) throw new Error('no stop');
    const reactions = createReactions(rules);
    reactions.remember([{ rule: stop.rule, target: stop.target, untilMs: stop.untilMs }]);
    expect(reactions.observe(observed(minuteMs))).toEqual([]);
    expect(reactions.observe(observed(31 * minuteMs))[0]?.untilMs).toBe(91 * minuteMs);
  });
});

describe('times within', () => {
  const rules = [rule({ times: 3, withinMs: 10 * minuteMs, steps: [suspend('domain-at-site')] })];

  it('needs so many, each domain on its own', () => {
    const reactions = createReactions(rules);
    expect(reactions.observe(observed(0))).toEqual([]);
    expect(reactions.observe(observed(1, { domain: 'b.example' }))).toEqual([]);
    expect(reactions.observe(observed(2))).toEqual([]);
    expect(reactions.observe(observed(3))[0]?.target).toMatchObject({
      scope: 'domain-at-site',
      domain: 'a.example',
    });
  });

  it('forgets what is longer ago', () => {
    const reactions = createReactions(rules);
    const made = [0, 6, 12, 18, 24].flatMap((minutes) => reactions.observe(observed(minutes * minuteMs)));
    expect(made).toEqual([]);
  });
});

describe('a share of a campaign', () => {
  const spam = { verdict: 'spamdetected', detail: null, rule: 'r', confidence: 0.9 };
  const rules = [
    rule({
      verdicts: ['spamdetected'],
      share: { above: 0.1, attempts: 100 },
      withinMs: 60 * minuteMs,
      steps: [{ do: 'hold-campaign', forMs: 60 * minuteMs }],
    }),
  ];

  it('holds it once enough were tried and the share is reached', () => {
    const reactions = createReactions(rules);
    const made = Array.from({ length: 120 }, (_, index) =>
      reactions.observe(index % 8 === 0 ? observed(index, { reading: spam }) : delivery(index)),
    );
    const first = made.findIndex((each) => each.length > 0);
    // The first bad one with at least 100 attempts.
    expect(first).toBe(104);
    expect(made[first]?.[0]).toMatchObject({
      do: 'hold-campaign',
      target: { scope: 'campaign', campaignId: 7 },
      untilMs: first + 60 * minuteMs,
    });
    expect(made[first]?.[0]?.detail).toMatch(/^14\/105: 550 /);
  });

  it('lets a campaign go on whose share is lower', () => {
    const reactions = createReactions(rules);
    const made = Array.from({ length: 500 }, (_, index) =>
      reactions.observe(index % 12 === 0 ? observed(index, { reading: spam }) : delivery(index)),
    );
    expect(made.flat()).toEqual([]);
  });
});

describe('conditions', () => {
  it.each<[string, Partial<ReactionRule>, number]>([
    ['all met', { stages: ['mail'], kinds: ['refused'], replyRules: ['r'], leastConfidence: 0.9 }, 1],
    ['another verdict', { verdicts: ['speeding'] }, 0],
    ['another detail', { details: ['ip-reputation'] }, 0],
    ['another reply rule', { replyRules: ['s'] }, 0],
    ['another stage', { stages: ['banner', 'rcpt'] }, 0],
    ['another kind', { kinds: ['deferred'] }, 0],
    ['another provider', { providers: ['gmail'] }, 0],
    ['less sure', { leastConfidence: 0.95 }, 0],
  ])('%s', (_name, facts, count) => {
    const rules = [rule({ ...facts, steps: [{ do: 'alert' }], keeps: true })];
    expect(createReactions(rules).observe(observed(0))).toHaveLength(count);
    expect(createKeeps(rules)(observed(0))).toBe(count === 1);
  });

  it('keeps nothing for a rule that does not say so', () => {
    expect(createKeeps([rule({ steps: [{ do: 'alert' }] })])(observed(0))).toBe(false);
  });
});
