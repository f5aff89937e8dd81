import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { daysFor, warmupStep } from './warm-up.ts';
import type { SourceDay } from './warm-up.ts';

const days = [50, 100, 200, 400];

function history(...rows: readonly (readonly [messages: number, bad: number])[]): readonly SourceDay[] {
  return rows.map(([messages, bad], day) => ({
    day: 10 + day,
    source: '192.0.2.1',
    provider: 'gmail',
    messages,
    bad,
  }));
}

function on(today: number, past: readonly SourceDay[]) {
  return warmupStep(days, past, { startDay: 10, today });
}

describe('where a source stands in its warm-up', () => {
  it.each<[string, number, readonly SourceDay[], object]>([
    ['before the first day', 9, [], { day: 0, most: 0, because: 'not-started' }],
    ['on the first day', 10, [], { day: 1, most: 50, because: 'first-day' }],
    ['after a full day', 11, history([50, 0]), { day: 2, most: 100, because: 'grown' }],
    ['after a day of half of it', 11, history([25, 0]), { day: 2, most: 100, because: 'grown' }],
    ['after a day of little', 11, history([24, 0]), { day: 1, most: 50, because: 'too-little-sent' }],
    ['after days of nothing', 20, [], { day: 1, most: 50, because: 'too-little-sent' }],
    ['after two good days', 12, history([50, 0], [100, 5]), { day: 3, most: 200, because: 'grown' }],
    ['after a bad day', 12, history([50, 0], [100, 6]), { day: 1, most: 50, because: 'bad-signs' }],
    ['after a bad first day', 11, history([50, 20]), { day: 1, most: 50, because: 'bad-signs' }],
    ['on a bad day', 11, history([50, 0], [60, 7]), { day: 2, most: 0, because: 'paused' }],
    ['after few with bad ones', 11, history([19, 19]), { day: 1, most: 50, because: 'too-little-sent' }],
    [
      'after the last day',
      14,
      history([50, 0], [100, 0], [200, 0], [400, 0]),
      { most: null, because: 'warm' },
    ],
  ])('%s', (_name, today, past, expected) => {
    expect(on(today, past)).toMatchObject(expected);
  });

  it('stays warm whatever comes later: from then on reactions to replies decide', () => {
    const past = history([50, 0], [100, 0], [200, 0], [400, 0], [500, 400]);
    expect(on(15, past)).toMatchObject({ most: null });
  });
});

describe('the plan that comes with Todoku', () => {
  const plan = loadKnowledge(defaultKnowledgeFolder()).warmupPlans.find(({ id }) => id === 'default');

  it('begins small and never more than doubles, for every provider', () => {
    if (plan === undefined) throw new Error('no default plan');
    for (const provider of ['', 'gmail', ...Object.keys(plan.providers)]) {
      const numbers = daysFor(plan, provider);
      expect(numbers[0]).toBeLessThanOrEqual(50);
      const steps = numbers.slice(1).map((most, at) => most / (numbers[at] ?? 1));
      expect(Math.max(...steps)).toBeLessThanOrEqual(2);
      expect(Math.min(...steps)).toBeGreaterThan(1);
    }
  });
});
