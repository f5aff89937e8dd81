// Texts of strangers against every rule, by counted steps and not by a clock: the count is the same on a busy machine.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultKnowledgeFolder,
  lineOf,
  loadKnowledge,
  longestReplyChars,
} from '../../src/knowledge/index.ts';
import { countSteps } from '../support/backtracking.ts';

const knowledge = loadKnowledge(defaultKnowledgeFolder());
const branches = knowledge.rules.flatMap((rule) =>
  rule.branches.map(({ regex, literals }) => ({ rule: rule.id, source: regex.source, regex, literals })),
);

// The real engine takes 0.3 to 0.45 ns for what is a step here (measured on the dearest texts), so this is about a
// millisecond; the dearest text that is known takes 1,400,000.
const mostSteps = 2_000_000;

/** Steps of all branches whose words are in the text: those that the index leaves. */
function stepsOf(text: string): { readonly steps: number; readonly dearest: string } {
  const line = lineOf({ text, code: 550, status: null });
  const lower = line.toLowerCase();
  let steps = 0;
  let dearest = { rule: '', steps: 0 };
  for (const { rule, source, literals } of branches) {
    if (!literals.some((literal) => lower.includes(literal))) continue;
    const counted = countSteps(source, line, mostSteps);
    steps += counted.steps;
    if (counted.steps > dearest.steps) dearest = { rule, steps: counted.steps };
    if (steps >= mostSteps) break;
  }
  return { steps, dearest: `${dearest.rule}: ${dearest.steps}` };
}

describe('the longest reply that is read', () => {
  it('costs few steps even when it is made of a rule’s own words', () => {
    // A branch without repetitions passes over the text once for each of its words: nothing to look for.
    const repeating = branches.filter(({ source }) => source.includes('{'));
    const literals = [...new Set(repeating.flatMap((branch) => branch.literals))];
    const dear = literals
      .map((literal) => `${literal} `)
      // A quarter of the longest text: what one starting point costs does not depend on how many follow.
      .map((unit) => ({ unit, ...stepsOf(unit.repeat(Math.ceil(longestReplyChars / 4 / unit.length))) }))
      .toSorted((a, b) => b.steps - a.steps);
    console.log(
      `dearest quarters of texts of rules' own words:\n  ${dear
        .slice(0, 5)
        .map(({ unit, steps, dearest }) => `${steps} steps: ${JSON.stringify(unit)} (${dearest})`)
        .join('\n  ')}`,
    );
    expect(dear.filter(({ steps }) => 4 * steps >= mostSteps)).toEqual([]);
  });

  it('costs few steps when words of many rules are mixed', () => {
    const literals = branches.flatMap((branch) => branch.literals);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...literals, ' ', '@', 'a', '.'), { minLength: 50, maxLength: 600 }),
        (words) => {
          expect(stepsOf(words.join(' ')).steps).toBeLessThan(mostSteps);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('the counting matcher', () => {
  it('agrees with the real engine on every rule’s sample', () => {
    for (const rule of knowledge.rules) {
      const code = /^[45]\d\d(?=[ -])/.exec(rule.sample)?.[0];
      const line = lineOf({
        text: rule.sample,
        code: code === undefined ? null : Number(code),
        status: null,
      });
      for (const { regex } of rule.branches) {
        expect(countSteps(regex.source, line, 10_000_000).matched, `${rule.id} ${regex.source}`).toBe(
          regex.test(line),
        );
      }
    }
  });
});
