import { describe, expect, test } from 'vitest';
import { defaultSuppressionPolicy, judgeSuppression } from './suppression-policy.ts';
import type { SuppressionNews, SuppressionPast } from './suppression-policy.ts';

const atMs = Date.UTC(2026, 5, 1);
const dayMs = 86_400_000;

const hard: SuppressionNews = {
  kind: 'bounced',
  verdict: 'userunknown',
  hardBounce: true,
  feedbackType: null,
  trusted: true,
  atMs,
  sentMs: atMs - 1_000,
};
const full: SuppressionNews = { ...hard, verdict: 'mailboxfull', hardBounce: false };
const complaint: SuppressionNews = { ...hard, kind: 'complained', verdict: 'feedback', hardBounce: false };

function past(facts: { softFailures?: number; releasedMs?: number | null } = {}): SuppressionPast {
  return {
    releasedMs: () => facts.releasedMs ?? null,
    softFailures: (_, atMost) => Math.min(facts.softFailures ?? 1, atMost),
  };
}

const judge = (news: SuppressionNews, facts = past(), policy = defaultSuppressionPolicy) =>
  judgeSuppression(news, facts, policy);

describe('what suppresses', () => {
  test.each(['userunknown', 'hostunknown', 'hasmoved', 'notaccept'])('%s, hard, at once', (verdict) => {
    for (const kind of ['bounced', 'bounced-later'] as const)
      expect(judge({ ...hard, kind, verdict })).toEqual({
        suppress: true,
        reason: 'bounced',
        because: 'hard',
        untilMs: null,
      });
  });

  test('a complaint at once, whatever word the provider has for it', () => {
    for (const feedbackType of ['abuse', 'Fraud', 'other', 'opt-out', null])
      expect(judge({ ...complaint, feedbackType })).toMatchObject({ suppress: true, reason: 'complained' });
  });

  test.each(['mailboxfull', 'suspend', 'filtered'])(
    '%s: not before the fifth in a row, and then for a while',
    (verdict) => {
      const news = { ...full, verdict };
      expect(judge(news, past({ softFailures: 4 }))).toEqual({ suppress: false, because: 'too-few' });
      expect(judge(news, past({ softFailures: 5 }))).toEqual({
        suppress: true,
        reason: 'bounced',
        because: 'soft',
        untilMs: atMs + 30 * dayMs,
      });
    },
  );

  test('only failures within the window are asked for', () => {
    const asked: number[] = [];
    judge(full, {
      releasedMs: () => null,
      softFailures(sinceMs) {
        asked.push(sinceMs);
        return 1;
      },
    });
    expect(asked).toEqual([atMs - 30 * dayMs]);
  });

  test('an address that does not exist "for now" is soft', () => {
    expect(judge({ ...hard, hardBounce: false }, past({ softFailures: 5 }))).toMatchObject({
      because: 'soft',
    });
    expect(judge({ ...hard, kind: 'expired' }, past({ softFailures: 1 }))).toMatchObject({
      because: 'too-few',
    });
  });
});

describe('what never does', () => {
  test.each([
    'blocked',
    'badreputation',
    'authfailure',
    'requireptr',
    'spamdetected',
    'policyviolation',
    'virusdetected',
    'speeding',
    'toomanyconn',
    'networkerror',
    'systemerror',
    'systemfull',
    'contenterror',
    'mesgtoobig',
    'rejected',
    'norelaying',
    'failedstarttls',
    'securityerror',
    'notcompliantrfc',
    'syntaxerror',
    'expired',
    'onhold',
    'undefined',
    'a-verdict-of-tomorrow',
  ])('%s, even when a rule calls it hard and however often', (verdict) => {
    const answer = judge({ ...hard, verdict }, past({ softFailures: 1_000 }));
    expect(answer).toEqual({ suppress: false, because: 'not-the-recipient' });
  });

  test('news that our seal does not prove', () => {
    for (const news of [hard, full, complaint])
      expect(judge({ ...news, trusted: false }, past({ softFailures: 1_000 }))).toEqual({
        suppress: false,
        because: 'not-proved',
      });
  });

  test('auto-replies, delays, notices of delivery', () => {
    expect(judge({ ...hard, kind: 'other' })).toEqual({ suppress: false, because: 'not-the-recipient' });
  });

  test.each(['not-spam', 'auth-failure', 'virus'])('feedback of type %s', (feedbackType) => {
    expect(judge({ ...complaint, feedbackType })).toEqual({ suppress: false, because: 'no-complaint' });
  });

  test('news of mail from before somebody lifted the suppression', () => {
    const released = past({ releasedMs: hard.sentMs });
    expect(judge(hard, released)).toEqual({ suppress: false, because: 'before-release' });
    expect(judge({ ...hard, sentMs: hard.sentMs + 1 }, released)).toMatchObject({ suppress: true });
  });

  test('what the operator switched off', () => {
    const off = { ...defaultSuppressionPolicy, hard: false, complaints: false, softCount: 0 };
    for (const news of [hard, full, complaint])
      expect(judge(news, past({ softFailures: 9 }), off)).toEqual({
        suppress: false,
        because: 'switched-off',
      });
  });
});
