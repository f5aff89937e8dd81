import { z } from 'zod';
import type { Tally } from './gates.ts';

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
});

/**
 * Counts vitest's JSON report. A file that could not be loaded has no test that failed, and an error outside
 * every test has neither: each counts as one failure, so that a run that went wrong never ends in `0 failed`.
 */
export function countTests(reportText: string | null, exitCode: number): Tally {
  if (reportText === null) return { passed: 0, failed: 1, skipped: 0 };
  const counted = report.parse(JSON.parse(reportText));
  const unloaded = counted.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = counted.numFailedTests + unloaded;
  return {
    passed: counted.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: counted.numPendingTests + counted.numTodoTests,
  };
}

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    passed: one.passed + other.passed,
    failed: one.failed + other.failed,
    skipped: one.skipped + other.skipped,
  };
}

/** The last line of `npm test` and of `npm run check`. */
export function closingLine(tally: Tally): string {
  return `${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`;
}
