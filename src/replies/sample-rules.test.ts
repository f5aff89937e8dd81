import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge, type ReplyRule } from '../knowledge/index.ts';
import { createClassifier, type ReplyContext } from './index.ts';
import { parseReplyText, type ParsedReply } from './reply-text.ts';
import { lineOf } from './subject.ts';
import { objectionOf } from './rule-index.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const classifier = createClassifier(knowledge);

describe('every rule wins its own sample', () => {
  it.each(knowledge.rules)('$id', (rule) => {
    const { classification, trials } = classifier.trace(sampleOf(rule), contextOf(rule));
    const before = trials.filter((trial) => trial.result !== 'not-reached' && trial.result !== 'won');
    // The trials name the rule that stands in front when this fails.
    expect({ won: classification.rule, after: before }).toEqual({ won: rule.id, after: before });
    expect(classification.verdict).toBe(rule.verdict);
  });
});

describe('rules in general', () => {
  it('are for refusals: no sample is a success', () => {
    expect(knowledge.rules.filter((rule) => sampleOf(rule).code < 400).map((rule) => rule.id)).toEqual([]);
  });

  it('can be found by a literal, so that a reply does not run hundreds of patterns', () => {
    expect(knowledge.rules.filter((rule) => rule.literals.length === 0).map((rule) => rule.id)).toEqual([]);
  });

  it('use only invented addresses in samples', () => {
    const addresses = knowledge.rules.flatMap(
      (rule) => rule.sample.match(/[\w.+-]{1,40}@[\w.-]{1,60}/g) ?? [],
    );
    expect(addresses.filter((address) => !/^(?:neko|news|mike|delist)@/.test(address))).toEqual([]);
  });

  it('that overlap with another verdict are few, and are listed', () => {
    const overlaps = knowledge.rules.flatMap((rule) => {
      const sample = sampleOf(rule);
      const subject = { code: sample.code, text: lineOf(sample), stage: contextOf(rule).stage };
      return knowledge.rules
        .slice(knowledge.rules.indexOf(rule) + 1)
        .filter(
          (later) =>
            sameList(rule, later) && later.verdict !== rule.verdict && objectionOf(later, subject) === null,
        )
        .map((later) => `${rule.id} stands before ${later.id}`);
    });
    console.log(`rules whose order matters: ${overlaps.length}\n  ${overlaps.join('\n  ')}`);
    // Order is a feature; a list in which most rules depend on it has become unreadable.
    expect(overlaps.length).toBeLessThan(knowledge.rules.length / 2);
  });
});

function sameList(one: ReplyRule, other: ReplyRule): boolean {
  return one.providers?.join() === other.providers?.join();
}

function sampleOf(rule: ReplyRule): ParsedReply {
  const parsed = parseReplyText(rule.sample);
  if (parsed === null) throw new Error(`the sample of ${rule.id} has no reply code`);
  return parsed;
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
