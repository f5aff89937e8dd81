import { expect, test } from 'vitest';
import { addTallies, closingLine, countTests } from './tally.ts';

const file = { status: 'passed', assertionResults: [{ status: 'passed' }] };

function report(changes: object): string {
  const counts = { numPassedTests: 3, numFailedTests: 0, numPendingTests: 1, numTodoTests: 1 };
  return JSON.stringify({ ...counts, testResults: [file], ...changes });
}

test('counts what passed, failed and was skipped or is to be written', () => {
  expect(countTests(report({ numFailedTests: 2 }), 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
});

test('a file that could not be loaded is a failure', () => {
  const unloaded = { status: 'failed', assertionResults: [] };
  expect(countTests(report({ testResults: [file, unloaded] }), 1).failed).toBe(1);
});

test('a file whose preparation failed is a failure beside its skipped tests', () => {
  const unprepared = { status: 'failed', assertionResults: [{ status: 'skipped' }] };
  expect(countTests(report({ testResults: [file, unprepared], numFailedTests: 4 }), 1).failed).toBe(5);
});

test('an error outside of every test is a failure', () => {
  expect(countTests(report({}), 1).failed).toBe(1);
});

test('a run that left no report is a failure', () => {
  expect(countTests(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test('gates and tests end in one line', () => {
  const tally = addTallies({ passed: 4, failed: 0, skipped: 0 }, { passed: 10, failed: 1, skipped: 2 });
  expect(closingLine(tally)).toBe('14 passed, 1 failed, 2 skipped');
});
