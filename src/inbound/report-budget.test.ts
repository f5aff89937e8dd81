import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { createReportBudget } from './report-budget.ts';

it('lends ten seconds, and a tenth of the time after that', async () => {
  const clock = new FakeClock();
  let nowMs = 0;
  // Reading moves the time on while nothing else runs.
  const reading = (ms: number) => (): string => {
    nowMs += ms;
    return 'read';
  };
  const budget = createReportBudget({ ...bound(clock), monotonic: () => nowMs });
  for (let report = 0; report < 9; report += 1) {
    expect(budget.hasCredit()).toBe(true);
    expect(budget.spend(reading(1_000))).toBe('read');
  }
  expect(budget.hasCredit()).toBe(true);
  budget.spend(reading(1_500));
  expect(budget.hasCredit()).toBe(false);
  nowMs += 4_000;
  expect(budget.hasCredit()).toBe(false);
  nowMs += 2_000;
  expect(budget.hasCredit()).toBe(true);
  expect(() =>
    budget.spend(() => {
      nowMs += 60_000;
      throw new Error('disk');
    }),
  ).toThrow('disk');
  expect(budget.hasCredit()).toBe(false);
  nowMs += 3_600_000;
  budget.spend(reading(9_999));
  expect(budget.hasCredit()).toBe(true);
});

function bound(clock: FakeClock): Pick<FakeClock, 'now' | 'after'> {
  return { now: () => clock.now(), after: (...timer) => clock.after(...timer) };
}
