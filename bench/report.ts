import { cpus, totalmem } from 'node:os';
import type { Contender, Result } from './contenders/contender.ts';
import type { Load } from './load.ts';

/** All results of one contender with one load, in the order of the rounds. */
export type Row = { readonly contender: Contender; readonly load: Load; readonly results: readonly Result[] };

type Line = { readonly name: string; readonly rate: number; readonly cpuMs: number };

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function line(row: Row): Line {
  return {
    name: row.contender.name,
    rate: median(row.results.map((result) => result.messages / result.seconds)),
    cpuMs: median(row.results.map((result) => (result.cpuSeconds * 1000) / result.messages)),
  };
}

/** One Markdown table per load: rate, CPU per message, and Todoku's rate over each peer's. */
export function table(rows: readonly Row[]): string {
  const loads = [...new Set(rows.map((row) => row.load))];
  return loads.map((load) => tableOf(load, rows.filter((row) => row.load === load).map(line))).join('\n\n');
}

function tableOf(load: Load, lines: readonly Line[]): string {
  const own = lines.find((each) => each.name === 'todoku');
  const head = `### ${load.name}, ${load.slots} slots\n\n| contender | messages/s | CPU ms/message | todoku's rate ÷ its | todoku's CPU ÷ its |\n| --- | ---: | ---: | ---: | ---: |`;
  const body = lines.map((each) => {
    const rateRatio = own === undefined ? '' : (own.rate / each.rate).toFixed(2);
    const cpuRatio = own === undefined ? '' : (own.cpuMs / each.cpuMs).toFixed(2);
    return `| ${each.name} | ${Math.round(each.rate)} | ${each.cpuMs.toFixed(3)} | ${rateRatio} | ${cpuRatio} |`;
  });
  return [head, ...body].join('\n');
}

/** The whole of docs/benchmarks.md. */
export function page(
  rows: readonly Row[],
  run: { readonly date: string; readonly rounds: number; readonly counts: string },
): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${process.platform}`;
  const abouts = [...new Set(rows.map((row) => row.contender))].map(
    (each) => `- **${each.name}**: ${each.about}`,
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Contenders take turns against a fresh sink on the same machine; medians.',
    'On a shared machine only the ratios mean something.',
    '',
    `- Date: ${run.date}`,
    `- Machine: ${machine}`,
    `- Rounds: ${run.rounds}; messages a round: ${run.counts}`,
    '',
    ...abouts,
    '',
    table(rows),
    '',
  ].join('\n');
}
