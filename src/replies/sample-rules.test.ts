import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, lineOf, loadKnowledge, type ReplyRule } from '../knowledge/index.ts';
import { createClassifier, type Classification, type ReplyContext } from './index.ts';
import { parseReplyText } from './reply-text.ts';
import { objectionOf, type Subject } from './rule-index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const classifier = createClassifier(knowledge);

describe('every rule wins its own sample', () => {
  it.each(knowledge.rules)('$id', (rule) => {
    // On failure the winner is the rule that stands in front.
    expect(classifySample(rule)).toMatchObject({ rule: rule.id, verdict: rule.verdict, detail: rule.detail });
  });
});

describe('rules in general', () => {
  it('are for refusals: no sample is a success', () => {
    const successes = knowledge.rules.filter((rule) => (parseReplyText(rule.sample)?.code ?? 550) < 400);
    expect(successes.map((rule) => rule.id)).toEqual([]);
  });

  it('can be found by a literal, each of their alternatives too, so that a reply does not run hundreds of patterns', () => {
    const bare = knowledge.rules.filter((rule) =>
      rule.branches.some((branch) => branch.literals.length === 0),
    );
    expect(bare.map((rule) => rule.id)).toEqual([]);
  });

  it('use only invented addresses in samples', () => {
    const addresses = knowledge.rules.flatMap(
      (rule) => rule.sample.match(/[\w.+-]{1,40}@[\w.-]{1,60}/g) ?? [],
    );
    expect(addresses.filter((address) => !/^(?:neko|news|mike|delist)@/.test(address))).toEqual([]);
  });
});

describe('rules that overlap', () => {
  const overlaps = knowledge.rules.flatMap((rule) => overlapsOf(rule));

  it('with another verdict are reported: here order decides', () => {
    const list = overlaps.map(
      ({ winner, other }) => `${winner.id} (${winner.verdict}) before ${other.id} (${other.verdict})`,
    );
    console.log(
      `rules whose order matters: ${list.length} of ${knowledge.rules.length}\n  ${list.join('\n  ')}`,
    );
    // Order is a feature; a list in which most rules depend on it has become unreadable.
    expect(list.length).toBeLessThan(knowledge.rules.length / 2);
  });

  it('leave every rule something: none is hidden by those before it', () => {
    const hidden = knowledge.rules.filter((rule) => classifySample(rule).rule !== rule.id);
    expect(hidden.map((rule) => rule.id)).toEqual([]);
  });
});

/** Rules of the same list, further down, that would read the sample of this one differently. */
function overlapsOf(winner: ReplyRule): readonly { readonly winner: ReplyRule; readonly other: ReplyRule }[] {
  const subject = subjectOf(winner);
  return knowledge.rules
    .slice(knowledge.rules.indexOf(winner) + 1)
    .filter((other) => other.providers?.join() === winner.providers?.join())
    .filter((other) => other.verdict !== winner.verdict && objectionOf(other, subject) === null)
    .map((other) => ({ winner, other }));
}

function classifySample(rule: ReplyRule): Classification {
  const context = contextOf(rule);
  const parsed = parseReplyText(rule.sample);
  return parsed === null
    ? classifier.classifyText({ ...context, text: rule.sample, replyCode: null, status: null })
    : classifier.classifyReply(parsed, context);
}

function subjectOf(rule: ReplyRule): Subject {
  const parsed = parseReplyText(rule.sample);
  const { stage } = contextOf(rule);
  if (parsed !== null) return { code: parsed.code, text: lineOf(parsed), stage };
  return { code: 'any', text: lineOf({ text: rule.sample, code: null, status: null }), stage };
}

function contextOf(rule: ReplyRule): ReplyContext {
  const provider = knowledge.providers.find((each) => each.id === rule.providers?.[0]);
  const suffix = provider?.mx[0];
  return {
    stage: rule.stage?.[0] ?? null,
    mxHost: suffix === undefined ? null : `mx1.${suffix}`,
    domain: provider?.domains[0] ?? null,
  };
}
