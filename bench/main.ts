import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureAccept } from './accept.ts';
import type { AcceptFigures } from './accept.ts';
import type { Contender, Result } from './contenders/contender.ts';
import { nodemailerPool } from './contenders/nodemailer.ts';
import { postfixPlain, postfixSigned } from './contenders/postfix.ts';
import { todokuRelay, todokuRelayUnsigned } from './contenders/relay.ts';
import { signOnly, signTwice } from './contenders/sign.ts';
import { smtpSource } from './contenders/smtp-source.ts';
import { todoku, todokuUnsigned } from './contenders/todoku.ts';
import { withKeyFile } from './key-file.ts';
import { loads } from './load.ts';
import type { Load } from './load.ts';
import { measureManySites } from './many-sites.ts';
import { measureOvertaking } from './overtaking.ts';
import type { OvertakingFigures } from './overtaking.ts';
import { page, table } from './report.ts';
import type { Row } from './report.ts';
import { measureSaturatedPath } from './saturated-path.ts';
import { measureRoundTrips } from './round-trips.ts';
import { measureScale } from './scale.ts';
import type { ScaleFigures } from './scale.ts';
import { sectionText } from './section.ts';
import type { Section } from './section.ts';
import { startSinkProcess } from './sink-process.ts';
import { targetTable } from './targets.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    count: { type: 'string' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 3));
const only = values.only?.split(',');
const everyone = [
  todoku,
  todokuUnsigned,
  todokuRelay,
  todokuRelayUnsigned,
  smtpSource,
  postfixPlain,
  postfixSigned,
  nodemailerPool,
  signOnly,
  signTwice,
];
const contenders = everyone.filter((each) => only?.includes(each.name) ?? true).filter(present);

/** Long enough that start-up does not count, short enough for many rounds. */
function countFor(load: Load): number {
  if (values.count !== undefined) return Number(values.count);
  const full = load.octets > 10_000 ? 16_000 : 40_000;
  return values.quick ? full / 8 : full;
}

function present(contender: Contender): boolean {
  const why = contender.missing();
  if (why !== null) process.stderr.write(`bench: ${contender.name} left out: ${why}\n`);
  return why === null;
}

async function once(contender: Contender, load: Load, keyFile: string): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-'));
  const sink = await startSinkProcess(countFor(load));
  try {
    const result = await contender.run({
      load,
      count: countFor(load),
      port: sink.port,
      complete: sink.complete,
      folder,
      keyFile,
    });
    const stats = await sink.stop();
    const wrong =
      contender.delivers && (stats.messages !== result.messages || result.messages !== countFor(load));
    if (wrong) throw new Error(`${contender.name}: ${stats.messages} of ${countFor(load)} arrived`);
    if (contender.delivers && (stats.duplicates ?? 0) > 0)
      throw new Error(`${contender.name}: ${stats.duplicates} twice`);
    return result;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureLoad(load: Load, keyFile: string): Promise<Row[]> {
  const results = new Map(contenders.map((contender) => [contender, [] as Result[]]));
  for (let round = 1; round <= rounds; round++) {
    for (const contender of contenders) {
      const result = await once(contender, load, keyFile);
      results.get(contender)?.push(result);
      const rate = Math.round(result.messages / result.seconds);
      process.stderr.write(`bench: ${load.name} round ${round}/${rounds} ${contender.name} ${rate}/s\n`);
    }
  }
  return [...results].map(([contender, all]) => ({ contender, load, results: all }));
}

async function measureAll(keyFile: string): Promise<void> {
  const rows: Row[] = [];
  for (const load of loads) rows.push(...(await measureLoad(load, keyFile)));
  const isWhole = values.only === undefined && values.count === undefined;
  const sections: Section[] = [];
  let scale: ScaleFigures | null = null;
  let accept: (AcceptFigures & OvertakingFigures) | null = null;
  if (isWhole || only?.includes('accept') === true) {
    const measured = await measureAccept({ rounds, count: values.quick ? 10_000 : 40_000 });
    const overtaken = await measureOvertaking({
      keyFile,
      recipients: isWhole && !values.quick ? 1_000_000 : 100_000,
      mails: values.quick ? 200 : 500,
    });
    accept = { ...measured.figures, ...overtaken.figures };
    sections.push(measured.section, overtaken.section);
  }
  if (isWhole && !values.quick) {
    const measured = await measureScale({ large: 1_000_000, small: 10_000, keyFile });
    scale = measured.figures;
    sections.push(measured.section, await measureManySites({ domains: 50_000, keyFile }));
    sections.push(await measureRoundTrips({ seconds: 8, keyFile }));
    sections.push(await measureSaturatedPath({ recipients: 1_000_000, resets: 300, keyFile }));
  }
  const report = [table(rows), ...sections.map(sectionText), targetTable(rows, scale, accept)].join('\n\n');
  process.stdout.write(`${report}\n`);
  // A narrowed run is for looking; only the whole one is written down.
  if (!isWhole) return;
  const docs = new URL('../docs/', import.meta.url);
  mkdirSync(docs, { recursive: true });
  const counts = loads.map((load) => `${countFor(load)} of ${load.name}`).join(', ');
  const run = { date: new Date().toISOString().slice(0, 10), rounds, counts, quick: values.quick };
  writeFileSync(new URL('benchmarks.md', docs), page(rows, report, run));
}

await withKeyFile(measureAll);
