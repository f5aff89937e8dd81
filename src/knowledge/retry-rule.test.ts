import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { AppError } from '../base/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from './index.ts';
import type { Retries } from './index.ts';

/** The built-in knowledge with an operator's own retry.yaml before it. */
function retriesWith(text: string): Retries {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-retries-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'retry.yaml'), text);
  return loadKnowledge(defaultKnowledgeFolder(), [folder]).retries;
}

test('an operator’s own rules come first, replace those of the same id, and leave the others', () => {
  const { rules, ways } = retriesWith(`
retries:
  - {id: partner, rule: [partner-busy], longest: 30m, source: [field]}
  - {id: mailbox-full, verdict: [mailboxfull], waits: [2h], longest: 1d, source: [field]}
ways:
  dns-failed: {first: 30s, longest: 1h}
`);
  expect(rules.slice(0, 3).map(({ id, waitsMs }) => [id, waitsMs])).toEqual([
    ['partner', null],
    ['mailbox-full', [7_200_000]],
    ['greylisting', expect.any(Array)],
  ]);
  expect(rules.filter(({ id }) => id === 'mailbox-full')).toHaveLength(1);
  expect(ways['dns-failed']).toEqual({ firstMs: 30_000, longestMs: 3_600_000 });
  expect(ways.unreachable).toEqual({ firstMs: 2_000, longestMs: 600_000 });
});

const rule = (fields: string): string => `retries:\n  - {id: one, source: [field], ${fields}}\n`;

test.each([
  ['nothing to go by', rule('longest: 1h'), /retry\.yaml:2: retries\.0: verdict, detail or rule/],
  ['a time without a unit', rule('verdict: [speeding], longest: 60'), /:2: retries\.0\.longest/],
  ['a wait longer than the longest', rule('verdict: [speeding], waits: [2h], longest: 1h'), /no wait is longer/],
  ['a wait of a month', rule('verdict: [speeding], longest: 31d'), /at most 1d/],
  ['a verdict that does not exist', rule('verdict: [slow], longest: 1h'), /retries\.0\.verdict/],
  ['a source nobody knows', rule('verdict: [speeding], longest: 1h').replace('field', 'hearsay'), /source hearsay/],
  ['an id used twice', rule('verdict: [speeding], longest: 1h') + rule('verdict: [blocked], longest: 1h').slice(9), /one: appears twice/],
  ['a rest for no reason', 'ways: {bored: {first: 1s, longest: 1m}}', /retry\.yaml:1: ways/],
  ['a rest that shrinks', 'ways: {unreachable: {first: 1m, longest: 1s}}', /first is longer than longest/],
])('%s is named with its place', (_name, text, message) => {
  expect(() => retriesWith(text)).toThrow(message);
  expect(() => retriesWith(text)).toThrow(AppError);
});
