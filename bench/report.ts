import { cpus, totalmem } from 'node:os';
import type { Contender, Result } from './contenders/contender.ts';
import type { Load } from './load.ts';
import { median } from './median.ts';

/** All results of one contender with one load, in the order of the rounds. */
export type Row = { readonly contender: Contender; readonly load: Load; readonly results: readonly Result[] };

/** Medians of one row. */
export type Line = {
  readonly name: string;
  readonly rate: number;
  readonly cpuMs: number;
  /** null for contenders that do not part their work from their start. */
  readonly engineCpuMs: number | null;
};

export function line(row: Row): Line {
  const engine = row.results.flatMap((result) => result.engineCpuMs ?? []);
  return {
    name: row.contender.name,
    rate: median(row.results.map((result) => result.messages / result.seconds)),
    cpuMs: median(row.results.map((result) => (result.cpuSeconds * 1000) / result.messages)),
    engineCpuMs: engine.length === 0 ? null : median(engine),
  };
}

/** One Markdown table per load: rate, CPU per message, and Todoku's rate over each peer's. */
export function table(rows: readonly Row[]): string {
  const loads = [...new Set(rows.map((row) => row.load))];
  return loads.map((load) => tableOf(load, rows.filter((row) => row.load === load).map(line))).join('\n\n');
}

function tableOf(load: Load, lines: readonly Line[]): string {
  const own = lines.find((each) => each.name === 'todoku');
  const head = `### ${load.name}, ${load.slots} slots\n\n| contender | messages/s | CPU ms/message | engine CPU ms/message | todoku's rate ÷ its | todoku's CPU ÷ its |\n| --- | ---: | ---: | ---: | ---: | ---: |`;
  const body = lines.map((each) => {
    const rateRatio = own === undefined ? '' : (own.rate / each.rate).toFixed(2);
    const cpuRatio = own === undefined ? '' : (own.cpuMs / each.cpuMs).toFixed(2);
    const engineCpu = each.engineCpuMs === null ? '' : each.engineCpuMs.toFixed(3);
    return `| ${each.name} | ${Math.round(each.rate)} | ${each.cpuMs.toFixed(3)} | ${engineCpu} | ${rateRatio} | ${cpuRatio} |`;
  });
  return [head, ...body].join('\n');
}

export type RunFacts = {
  readonly date: string;
  readonly rounds: number;
  readonly counts: string;
  readonly quick: boolean;
};

/** The whole of docs/benchmarks.md. */
export function page(rows: readonly Row[], report: string, run: RunFacts): string {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`;
  const abouts = [...new Set(rows.map((row) => row.contender))].map(
    (each) => `- **${each.name}**: ${each.about}`,
  );
  return [
    '# Benchmarks',
    '',
    'Written by `npm run bench`; do not edit. Contenders take turns against a fresh sink on the same machine; medians.',
    'On a shared machine only the ratios mean something. Engine CPU is what one more message costs: two campaigns of',
    'different length are delivered, and the difference in CPU is divided by the difference in messages.',
    '',
    `- Date: ${run.date}`,
    `- Machine: ${machine}; sink and contender on it together`,
    `- Node ${process.version}`,
    `- Rounds: ${run.rounds}; messages a round: ${run.counts}`,
    `- Again: \`npm ci && sh scripts/install-peers.sh && npm run bench${run.quick ? ' -- --quick' : ''}\``,
    '',
    ...abouts,
    '',
    report,
    '',
  ].join('\n');
}
