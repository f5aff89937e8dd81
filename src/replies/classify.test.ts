import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stage } from '../events/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import {
  createClassifier,
  describeReply,
  explainReply,
  parseReplyText,
  type Classification,
} from './index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const classifier = createClassifier(knowledge);

function classify(
  reply: string,
  place: { stage?: Stage; mxHost?: string; domain?: string } = {},
): Classification {
  const parsed = parseReplyText(reply);
  if (parsed === null) throw new Error(`no reply: ${reply}`);
  return classifier.classifyReply(parsed, { stage: null, mxHost: null, domain: null, ...place });
}

describe('the same words mean different things', () => {
  it.each<[string, Stage, string, string]>([
    ['550 Unknown user neko@docomo.ne.jp', 'rcpt', 'docomo.ne.jp', 'userunknown'],
    ['550 Unknown user neko@docomo.ne.jp', 'eom', 'docomo.ne.jp', 'filtered'],
    ['550 5.2.0 Unknown user neko@docomo.ne.jp', 'rcpt', 'docomo.ne.jp', 'filtered'],
    ['550 <neko@ezweb.ne.jp>: User unknown', 'rcpt', 'ezweb.ne.jp', 'userunknown'],
    ['550 : User unknown', 'rcpt', 'ezweb.ne.jp', 'filtered'],
  ])('%s at %s of %s: %s', (reply, stage, domain, verdict) => {
    expect(classify(reply, { stage, domain }).verdict).toBe(verdict);
  });
});

describe('hard bounces', () => {
  it('need a permanent reply: 450 with the same words is retried and nobody has to act', () => {
    expect(classify('550 5.1.1 user unknown')).toMatchObject({
      verdict: 'userunknown',
      hardBounce: true,
      party: 'sender',
    });
    expect(classify('450 4.1.1 user unknown')).toMatchObject({
      verdict: 'userunknown',
      hardBounce: false,
      party: 'nobody',
      action: 'retry',
    });
  });

  it('are not made from a bare code: a guess removes no address', () => {
    expect(classify('550 nyaa', { stage: 'rcpt' })).toMatchObject({
      verdict: 'userunknown',
      rule: 'code:550',
      hardBounce: false,
    });
  });
});

describe('the order of trial', () => {
  it('lets words win over a code that is used for everything, and a precise code over vague words', () => {
    expect(classify('550 5.7.1 The mailbox is full').verdict).toBe('mailboxfull');
    expect(classify('550 5.2.2 Blocked by policy').rule).toBe('status:5.2.2');
  });

  it.each([
    { reply: '550 5.7.1 no record of your server in DNS, host not found', stage: 'banner' },
    { reply: '550 mail system of this name unknown, no such user', stage: 'ehlo' },
    { reply: '550 The user could not authenticate, account not found', stage: 'mail' },
  ] as const)('gives up no address for what is said before RCPT: $reply', ({ reply, stage }) => {
    expect(classify(reply, { stage }).hardBounce).toBe(false);
  });

  it('does not take the recipient’s name for a reason', () => {
    expect(classify('550 5.1.1 <spam-virus-dmarc@example.jp>: user unknown').verdict).toBe('userunknown');
  });

  it('reads replies of several lines as one, without the repeated codes', () => {
    const reply =
      '550-5.1.1 The email account that you tried to reach does\r\n550-5.1.1 not exist. Please try\r\n550 5.1.1 double-checking';
    expect(classify(reply, { mxHost: 'aspmx.l.google.com' }).rule).toBe('gmail-user-unknown');
    expect(explainReply({ reply }, { classifier, knowledge })?.subject).toBe(
      '550 5.1.1 The email account that you tried to reach does not exist. Please try double-checking',
    );
  });
});

describe('describeReply', () => {
  it('gives the object of todoku classify', () => {
    const described = describeReply(
      { reply: '550 5.1.1 user unknown', stage: 'rcpt' },
      { classifier, knowledge },
    );
    expect(described).toMatchObject({
      file: null,
      index: 1,
      recipient: null,
      action: 'failed',
      replyCode: '550',
      status: '5.1.1',
      verdict: 'userunknown',
      hardBounce: true,
      feedbackType: null,
      provider: null,
      rule: 'user-unknown',
      remedy: { action: 'remove-address', en: 'Stop sending to this address.' },
    });
    expect(described.advice?.ja.title).toBe('宛先のメールアドレスが存在しません');
  });

  it('has no verdict for text without a reply code, and `delivered` for a success', () => {
    const answer = (reply: string): string | null =>
      describeReply({ reply }, { classifier, knowledge }).verdict;
    expect(answer('hello')).toBeNull();
    expect(answer('')).toBeNull();
    expect(answer('250 2.0.0 OK queued')).toBe('delivered');
  });
});

describe('text of strangers', () => {
  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.option(fc.string()),
        fc.string({ unit: 'binary', maxLength: 6_000 }),
        (code, status, text) => {
          const result = classifier.classifyReply(
            { code, status, text },
            { stage: 'rcpt', mxHost: text, domain: text },
          );
          expect(knowledge.verdicts.has(result.verdict)).toBe(true);
          describeReply({ reply: text }, { classifier, knowledge });
        },
      ),
      { numRuns: 300 },
    );
  });
});
