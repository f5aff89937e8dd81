import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { createBounceReader } from '../src/bounces/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../src/knowledge/index.ts';
import { expensiveMails, mutate, seededRandom } from '../test/fuzz/mutate-mail.ts';
import { corpusFolder, corpusPresent } from '../test/corpus/bounce-score.ts';

// `node bench/returned-mail.ts [--count N]`: how many returned mails one core reads in a second, and whether memory stays flat.
// `--fuzz N [--seed S]` reads N mutated mails and then mails made to be expensive (1 MB each), and tells the slowest of them.
// Mails of the labelled corpus where it lies beside the checkout, else those of the test of wordings; each mail is made
// different, so that the classifier's memory does not answer for it.

const fuzzAt = process.argv.indexOf('--fuzz');
const countAt = process.argv.indexOf('--count');
const count = countAt < 0 ? 20_000 : Number(process.argv[countAt + 1]);
const looksSlowMs = 20;
const seedAt = process.argv.indexOf('--seed');
const seed = seedAt < 0 ? 1 : Number(process.argv[seedAt + 1]);
const mails = corpusPresent ? fromFolder(path.join(corpusFolder, 'eml')) : fromWordings();
const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));

for (const mail of mails) reader.read(mail);
if (fuzzAt < 0) measureSpeed();
else measureFuzz(Number(process.argv[fuzzAt + 1]));

function measureSpeed(): void {
  const memoryAtStart = process.memoryUsage().rss;
  let found = 0;
  let octets = 0;
  let slowest = 0;
  const start = performance.now();
  for (let at = 0; at < count; at += 1) {
    const mail = different(mails[at % mails.length] ?? Buffer.alloc(0), at);
    octets += mail.byteLength;
    const before = performance.now();
    found += reader.read(mail).reports.length;
    slowest = Math.max(slowest, performance.now() - before);
    if (count >= 10 && at % Math.floor(count / 10) === 0)
      process.stderr.write(`bench: ${at} mails, ${megabytes(process.memoryUsage().rss)} MB\n`);
  }
  const seconds = (performance.now() - start) / 1_000;
  process.stdout.write(
    `${count} mails (${mails.length} different, ${Math.round(octets / count)} octets on average), ${found} recipients\n` +
      `${Math.round(count / seconds)} mails a second, slowest ${slowest.toFixed(1)} ms\n` +
      `memory ${megabytes(memoryAtStart)} MB → ${megabytes(process.memoryUsage().rss)} MB\n`,
  );
}

/** Slowest reading, and the most memory that a reading left behind before collection. */
function measureFuzz(runs: number): void {
  const random = seededRandom(seed);
  const slowest: { name: string; ms: number }[] = [];
  const time = (name: string, mail: Buffer): void => {
    let ms = timeOf(mail);
    // What other programs took of the processor is none of ours: what looks slow is read again, and the best counts.
    for (let again = 0; again < 4 && ms > looksSlowMs; again += 1) ms = Math.min(ms, timeOf(mail));
    if (slowest.length < 8 || ms > (slowest.at(-1)?.ms ?? 0)) {
      slowest.push({ name, ms });
      slowest.sort((a, b) => b.ms - a.ms);
      slowest.length = Math.min(slowest.length, 8);
    }
  };
  for (let run = 0; run < runs; run += 1) {
    time(`mutation ${run}`, mutate(mails[run % mails.length] ?? Buffer.alloc(0), random, 20_000));
  }
  process.stdout.write(
    `${runs} mutations, memory ${megabytes(process.memoryUsage().rss)} MB, slowest:\n${tableOf(slowest)}`,
  );
  slowest.length = 0;
  for (const [name, mail] of expensiveMails(1_000_000)) time(name, mail);
  process.stdout.write(
    `expensive shapes of 1 MB, memory ${megabytes(process.memoryUsage().rss)} MB, slowest:\n${tableOf(slowest)}`,
  );
}

function timeOf(mail: Buffer): number {
  const before = performance.now();
  reader.read(mail);
  return performance.now() - before;
}

function tableOf(slowest: readonly { readonly name: string; readonly ms: number }[]): string {
  return slowest.map(({ name, ms }) => `  ${ms.toFixed(1).padStart(7)} ms  ${name}\n`).join('');
}

function different(mail: Buffer, at: number): Buffer {
  return Buffer.from(mail.toString('latin1').replaceAll('example', `example${at % 100_000}`), 'latin1');
}

function fromFolder(folder: string): readonly Buffer[] {
  return readdirSync(folder).map((file) => readFileSync(path.join(folder, file)));
}

function fromWordings(): readonly Buffer[] {
  const text = readFileSync(path.join(import.meta.dirname, '../src/bounces/forms.test.txt'), 'utf8');
  const head = 'Return-Path: <>\nTo: news@sender.example\n';
  return text
    .split(/^=== /m)
    .slice(1)
    .map((block) => Buffer.from(head + block.slice(block.indexOf('\n') + 1)));
}

function megabytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}
