import { createBounceReader } from '../src/bounces/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../src/knowledge/index.ts';
import {
  corpusFolder,
  corpusPresent,
  measures,
  scoreCorpus,
  shareOf,
  type Half,
  type Scored,
} from '../test/corpus/bounce-score.ts';

// `npm run score`: how well returned mails are understood, by family. `--half first|second` looks at every other file,
// `--misses` lists what was not understood (of the first half while rules are being made), `--families` is the table.

const half: Half = process.argv.includes('first')
  ? 'first'
  : process.argv.includes('second')
    ? 'second'
    : 'both';

if (!corpusPresent) {
  process.stdout.write(`${corpusFolder} is absent: nothing was measured\n`);
  process.exitCode = 1;
} else {
  const score = scoreCorpus(createBounceReader(loadKnowledge(defaultKnowledgeFolder())), half);
  if (process.argv.includes('--misses')) for (const each of score.scored) printMiss(each);
  const families = [...new Set(score.scored.map(({ label }) => label.family))].toSorted();
  print(['family', 'mails', ...measures]);
  for (const family of families)
    printRow(
      family,
      score.scored.filter(({ label }) => label.family === family),
    );
  printRow('all', score.scored);
  process.stdout.write(
    `newline variants that differ: ${score.variantsDiffering.length} of ${score.variants} ${score.variantsDiffering.join(' ')}\nordinary mails taken for bounces: ${score.wronglyTaken.length}\n`,
  );
}

function printRow(name: string, scored: readonly Scored[]): void {
  print([
    name,
    String(scored.length),
    ...measures.map((measure) => `${(100 * shareOf(scored, measure)).toFixed(1)} %`),
  ]);
}

function print(cells: readonly string[]): void {
  process.stdout.write(
    `${cells.map((cell, index) => (index === 0 ? cell.padEnd(20) : cell.padStart(13))).join('')}\n`,
  );
}

function printMiss({ label, right, report }: Scored): void {
  const missed = measures.filter((measure) => !right.has(measure));
  if (missed.length === 0) return;
  const wanted = `${label.recipient} ${label.status}${label.pseudoStatus ? '~' : ''} ${label.replycode} ${[label.reason, ...label.otherReasons].join('/')} ${label.hardbounce}`;
  const got =
    report === null
      ? 'nothing'
      : `${report.recipient} ${report.status} ${report.replyCode} ${report.verdict} ${report.hardBounce} ${report.rule} «${report.said.slice(0, 200)}»`;
  process.stdout.write(
    `${label.file}#${label.index} [${missed.join(' ')}]\n   want ${wanted}\n   got  ${got}\n`,
  );
}
