import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge, type ReplyRule } from '../knowledge/index.ts';
import { createClassifier, type ReplyContext } from './classify.ts';
import { parseReplyText, type ParsedReply } from './reply-text.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const classifier = createClassifier(knowledge);

describe('every rule wins its own sample', () => {
  for (const rule of knowledge.rules) {
    it(rule.id, () => {
      const { classification, trials } = classifier.trace(sampleOf(rule), contextOf(rule));
      const before = trials
        .filter((trial) => trial.result !== 'not-reached')
        .map((trial) => `${trial.rule}: ${trial.result}`);
      expect(classification.rule, before.join(', ')).toBe(rule.id);
      expect(classification.verdict).toBe(rule.verdict);
    });
  }
});

describe('rules in general', () => {
  it('have codes that fit their sample', () => {
    for (const rule of knowledge.rules) expect(sampleOf(rule).code, rule.id).toBeGreaterThanOrEqual(400);
  });

  it('can be found by a literal, so that a reply does not run hundreds of patterns', () => {
    expect(knowledge.rules.filter((rule) => rule.literals.length === 0).map((rule) => rule.id)).toEqual([]);
  });

  it('use no real person’s address in samples', () => {
    for (const rule of knowledge.rules) {
      for (const [address] of rule.sample.matchAll(/[\w.+-]{1,40}@[\w.-]{1,60}/g)) {
        expect(address, rule.id).toMatch(/^(neko|news|mike|delist)@/);
      }
    }
  });
});

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
