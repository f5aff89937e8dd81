import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Contender, Result } from './contenders/contender.ts';
import { nodemailerPool } from './contenders/nodemailer.ts';
import { postfixPlain, postfixSigned } from './contenders/postfix.ts';
import { signOnly, signTwice } from './contenders/sign.ts';
import { smtpSource } from './contenders/smtp-source.ts';
import { todoku } from './contenders/todoku.ts';
import { loads } from './load.ts';
import type { Load } from './load.ts';
import { page, table } from './report.ts';
import type { Row } from './report.ts';
import { startSinkProcess } from './sink-process.ts';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    rounds: { type: 'string' },
    count: { type: 'string' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
const only = values.only?.split(',');
const everyone = [todoku, smtpSource, postfixPlain, postfixSigned, nodemailerPool, signOnly, signTwice];
const contenders = everyone.filter((each) => only?.includes(each.name) ?? true).filter(present);

/** Long enough that start-up does not count, short enough for many rounds. */
function countFor(load: Load): number {
  if (values.count !== undefined) return Number(values.count);
  const full = load.octets > 10_000 ? 8_000 : 20_000;
  return values.quick ? full / 4 : full;
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

const folder = mkdtempSync(join(tmpdir(), 'todoku-bench-key-'));
const keyFile = join(folder, 'rsa2048.pem');
writeFileSync(
  keyFile,
  generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
);
const rows: Row[] = [];
for (const load of loads) rows.push(...(await measureLoad(load, keyFile)));
rmSync(folder, { recursive: true, force: true });

const counts = loads.map((load) => `${countFor(load)} of ${load.name}`).join(', ');
process.stdout.write(`${table(rows)}\n`);
// A narrowed run is for looking; only the whole one is written down.
if (values.only === undefined && values.count === undefined) {
  const docs = new URL('../docs/', import.meta.url);
  mkdirSync(docs, { recursive: true });
  writeFileSync(
    new URL('benchmarks.md', docs),
    page(rows, { date: new Date().toISOString().slice(0, 10), rounds, counts }),
  );
}
