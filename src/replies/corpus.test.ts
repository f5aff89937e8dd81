import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Stage } from '../events/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createClassifier, stageNamedIn, type Classification } from './index.ts';

// Labelled real bounces beside the checkout. They are looked at to see whether the rules generalise, never to fit one.
// What another analyser printed of each mail is the text to judge, so this measures rules and not how mails are read
// (that is `npm run score`).
const corpus = fileURLToPath(new URL('../../../shared/corpora/bounces', import.meta.url));
const present = existsSync(join(corpus, 'reference.jsonl'));

// Rules were made looking at every other file, by name, until 91 % of those were right. The others, not looked at before,
// were then 76 % right; with what was general in their misses 90 %. Below this a change lost something general.
const leastAgreement = 0.88;
/** Labels of what is no refusal: complaints, automatic replies and successes never reach the rules. */
const noRefusals: ReadonlySet<string> = new Set(['feedback', 'vacation', 'delivered']);

type Label = {
  readonly file: string;
  readonly index: number;
  readonly reason: string;
  readonly otherReasons: readonly string[];
  readonly hardbounce: boolean;
  readonly sameAs?: string;
  readonly notBounce?: boolean;
};
type Fact = {
  readonly diagnosticcode: string;
  readonly replycode: string;
  readonly deliverystatus: string;
  readonly command: string;
  readonly rhost: string;
  readonly destination: string;
};

describe.skipIf(!present)('labelled bounces', () => {
  const classifier = createClassifier(loadKnowledge(defaultKnowledgeFolder()));

  it.each([0, 1])('agree with the labels in half %i', (half) => {
    const cases = casesOf(half);
    const results = cases.map(({ label, fact }) => ({
      label,
      fact,
      found: classifier.classifyText(textOf(fact)),
    }));
    const misses = results.filter(({ label, found }) => !agrees(label, found));
    if (process.env['TODOKU_SHOW_MISSES'] !== undefined) {
      for (const { label, fact, found } of misses) {
        console.log(
          `${label.file}: ${label.reason} ≠ ${found.verdict} (${found.rule}) ${fact.diagnosticcode.slice(0, 160)}`,
        );
      }
    }
    const agreement = 1 - misses.length / results.length;
    const hard =
      results.filter(({ label, found }) => label.hardbounce === found.hardBounce).length / results.length;
    console.log(
      `labelled bounces, half ${half}: ${(100 * agreement).toFixed(1)} % of ${results.length} verdicts agree, ${(100 * hard).toFixed(1)} % hard or soft`,
    );
    expect(results.length).toBeGreaterThan(100);
    expect(agreement).toBeGreaterThan(leastAgreement);
    expect(hard).toBeGreaterThan(leastAgreement);
  });
});

it.runIf(!present)('ABSENT: agreement with labelled bounces was NOT measured', () => {
  console.warn(`${corpus} is absent: agreement with labelled bounces was NOT measured`);
  expect(present).toBe(false);
});

function agrees(label: Label, found: Classification): boolean {
  return [label.reason, ...label.otherReasons].includes(found.verdict);
}

function casesOf(half: number): readonly { readonly label: Label; readonly fact: Fact }[] {
  const facts = new Map(linesOf('reference.jsonl').map((line) => [line['file'], line['facts'] as Fact[]])); // a fixed data file
  const labels = linesOf('expected.jsonl')
    .map((line) => line as unknown as Label) // a fixed data file, read by this test alone
    .filter((label) => label.sameAs === undefined && label.notBounce !== true);
  const files = [...new Set(labels.map(({ file }) => file))].toSorted();
  return labels
    .filter(({ file, reason }) => files.indexOf(file) % 2 === half && !noRefusals.has(reason))
    .flatMap((label) => {
      const fact = facts.get(label.file)?.[label.index - 1];
      return fact === undefined ? [] : [{ label, fact }];
    });
}

function linesOf(name: string): readonly Readonly<Record<string, unknown>>[] {
  const text = readFileSync(join(corpus, name), 'utf8').trim();
  return text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>); // a fixed data file
}

function textOf(fact: Fact): Parameters<ReturnType<typeof createClassifier>['classifyText']>[0] {
  // 5.0.9xx and 5.9.xxx are that analyser's own inventions.
  const invented = /^[45]\.(?:0\.9\d\d|9\.\d{1,3})$/.test(fact.deliverystatus);
  const stages: Readonly<Record<string, Stage>> = {
    CONN: 'banner',
    EHLO: 'ehlo',
    HELO: 'ehlo',
    MAIL: 'mail',
    RCPT: 'rcpt',
    DATA: 'eom',
  };
  return {
    text: fact.diagnosticcode,
    replyCode: /^[45]\d\d$/.test(fact.replycode) ? Number(fact.replycode) : null,
    status: invented ? `${fact.deliverystatus.slice(0, 1)}.0.0` : fact.deliverystatus || null,
    stage: stages[fact.command] ?? stageNamedIn(fact.diagnosticcode),
    mxHost: fact.rhost || null,
    domain: fact.destination || null,
  };
}
