import { describe, expect, it } from 'vitest';
import { createBounceReader } from '../../src/bounces/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../src/knowledge/index.ts';
import { corpusFolder, corpusPresent, measures, scoreCorpus, shareOf, type Measure } from './bounce-score.ts';

// What was reached, each a little lower, so that a change that loses something general is seen. `npm run score` shows all.
const least: Readonly<Record<Measure, number>> = {
  found: 0.99,
  recipient: 0.985,
  status: 0.96,
  replyCode: 0.96,
  verdict: 0.9,
  hardSoft: 0.93,
  feedbackType: 0.99,
};

describe.skipIf(!corpusPresent)('labelled bounces', () => {
  const score = corpusPresent
    ? scoreCorpus(createBounceReader(loadKnowledge(defaultKnowledgeFolder())), 'both')
    : null;

  it.each(measures)('are right by %s as often as they were', (measure) => {
    expect(score?.scored.length).toBeGreaterThan(300);
    expect(shareOf(score?.scored ?? [], measure)).toBeGreaterThanOrEqual(least[measure]);
  });

  it('read the same with other newlines', () => {
    expect(score?.variants).toBeGreaterThan(50);
    expect(score?.variantsDiffering).toEqual([]);
  });

  it('are told from ordinary mail', () => {
    expect(score?.wronglyTaken).toEqual([]);
  });
});

it.runIf(!corpusPresent)('ABSENT: understanding of labelled bounces was NOT measured', () => {
  console.warn(`${corpusFolder} is absent: understanding of labelled bounces was NOT measured`);
  expect(corpusPresent).toBe(false);
});
