import { z } from 'zod';
import type { Tally } from './gates.ts';

const report = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  testResults: z.array(
    z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
});

/**
 * Counts vitest's JSON report. A file that could not be loaded or prepared has no test that failed, and an
 * error outside of every test has no file: each counts as one failure, so that a run that went wrong never ends in `0 failed`.
 */
export function countTests(reportText: string | null, exitCode: number): Tally {
  if (reportText === null) return { passed: 0, failed: 1, skipped: 0 };
  const counted = report.parse(JSON.parse(reportText));
  const broken = counted.testResults.filter(({ status, assertionResults }) => {
    return status === 'failed' && assertionResults.every((one) => one.status !== 'failed');
  });
  const failed = counted.numFailedTests + broken.length;
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
