import type { AcceptFigures } from './accept.ts';
import type { Load } from './load.ts';
import type { OvertakingFigures } from './overtaking.ts';
import { line } from './report.ts';
import type { Line, Row } from './report.ts';
import type { ScaleFigures } from './scale.ts';

/** One number to reach; `measured` null: not measured in this run. */
type Target = {
  readonly name: string;
  readonly load: string;
  readonly wanted: number;
  readonly atMost: boolean;
  readonly measured: number | null;
  /** What this machine allows at the most; left out: no such bound is known. */
  readonly bound?: number | null;
};

/** Lines of one load by contender. */
type Lines = ReadonlyMap<string, Line>;

/** What the engine has to reach, in ratios of medians of one interleaved run, and whether it does. */
export function targetTable(
  rows: readonly Row[],
  scale: ScaleFigures | null,
  accept: (AcceptFigures & OvertakingFigures) | null,
): string {
  const loads = [...new Set(rows.map((row) => row.load))];
  const targets = [
    ...loads.flatMap((load) => loadTargets(load, linesOf(rows, load))),
    ...scaleTargets(scale),
    ...acceptTargets(accept),
  ];
  return [
    '### Targets',
    '',
    'The bound of a rate is that of all cores doing nothing but sign: what is left for rendering, sending, recording and the',
    'receiver on the same machine is the difference. What was tried: docs/decisions/0018-engine-speed.md.',
    '',
    '| target | load | wanted | measured | bound | met |',
    '| --- | --- | ---: | ---: | ---: | --- |',
    ...targets.map(targetLine),
  ].join('\n');
}

function targetLine({ name, load, wanted, atMost, measured, bound }: Target): string {
  const goal = `${atMost ? '≤' : '≥'} ${wanted}`;
  if (measured === null) return `| ${name} | ${load} | ${goal} | not measured | | |`;
  const met = atMost ? measured <= wanted : measured >= wanted;
  const most = bound === undefined || bound === null ? '' : shown(bound);
  return `| ${name} | ${load} | ${goal} | ${shown(measured)} | ${most} | ${met ? 'yes' : '**no**'} |`;
}

function shown(figure: number): string {
  return figure.toFixed(figure >= 10 ? 1 : 3);
}

function linesOf(rows: readonly Row[], load: Load): Lines {
  return new Map(rows.filter((row) => row.load === load).map((row) => [row.contender.name, line(row)]));
}

type Pair = readonly [small: number, large: number];

function loadTargets(load: Load, lines: Lines): readonly Target[] {
  const isLarge = load.octets > 10_000;
  const goal = (wanted: Pair): number => wanted[isLarge ? 1 : 0];
  const cost = (name: string, wanted: Pair, measured: number | null): Target => {
    return { name, load: load.name, wanted: goal(wanted), atMost: true, measured };
  };
  const rate = (name: string, peer: string, wanted: Pair): Target => {
    const rateOver = (own: string): number | null => over(lines.get(own)?.rate, lines.get(peer)?.rate);
    const measured = rateOver('todoku');
    const bound = rateOver('crypto.sign × 2');
    return { name, load: load.name, wanted: goal(wanted), atMost: false, measured, bound };
  };
  const relay = (name: string, [own, peer]: readonly [string, string], wanted: Pair): Target => {
    const measured = over(lines.get(own)?.rate, lines.get(peer)?.rate);
    return { name, load: load.name, wanted: goal(wanted), atMost: false, measured };
  };
  const signed = over(lines.get('todoku')?.engineCpuMs, lines.get('crypto.sign')?.cpuMs);
  const unsigned = lines.get('todoku unsigned')?.engineCpuMs ?? null;
  return [
    cost('engine CPU ÷ CPU of `crypto.sign` RSA-2048', [1.25, 1.6], signed),
    cost('engine CPU without signing, ms', [0.05, 0.15], unsigned),
    rate('rate ÷ smtp-source', 'smtp-source', [0.25, 0.6]),
    rate('rate ÷ two threads of `crypto.sign`', 'crypto.sign × 2', [0.75, 0.5]),
    rate('rate ÷ nodemailer + liquidjs + its DKIM', 'nodemailer', [10, 10]),
    rate('rate ÷ Postfix + OpenDKIM', 'postfix+opendkim', [20, 16]),
    relay('durable relay ÷ Postfix + OpenDKIM', ['todoku relay', 'postfix+opendkim'], [10, 6]),
    relay('durable relay without DKIM ÷ Postfix', ['todoku relay unsigned', 'postfix'], [6, 5]),
  ];
}

function over(own: number | null | undefined, peer: number | undefined): number | null {
  return own === null || own === undefined || peer === undefined ? null : own / peer;
}

function scaleTargets(scale: ScaleFigures | null): readonly Target[] {
  const at = (name: string, wanted: number, measured: number | undefined): Target => ({
    name,
    load: '2 KB',
    wanted,
    atMost: true,
    measured: measured ?? null,
  });
  return [
    at('memory for 1,000,000 queued recipients above idle, MB', 150, scale?.aboveIdleMb),
    at('CPU per message at 1,000,000 ÷ at 10,000, unsigned', 1.1, scale?.cpuRatio),
    at('wall time per message at 1,000,000 ÷ at 10,000, unsigned', 1.1, scale?.wallRatio),
    at('CPU per message at 100,000 ÷ at 10,000, signed', 1.1, scale?.signedCpuRatio),
    at('seconds from `todoku resume` to the first message of 1,000,000', 2, scale?.firstSeconds),
  ];
}

function acceptTargets(accept: (AcceptFigures & OvertakingFigures) | null): readonly Target[] {
  const rate = (name: string, measured: number | undefined, bound: number | null): Target => {
    return { name, load: '2 KB', wanted: 4_000, atMost: false, measured: measured ?? null, bound };
  };
  const wait = (name: string, measured: number | undefined, wanted = 50): Target => {
    return { name, load: '2 KB', wanted, atMost: true, measured: measured ?? null };
  };
  return [
    rate('durable accept over HTTP, mails/s', accept?.httpRate, accept?.emptyRate ?? null),
    rate('durable accept over SMTP, mails/s', accept?.smtpRate, null),
    wait('p99 of accepting over HTTP at half that rate, ms', accept?.httpP99Ms),
    wait('p99 of accepting over SMTP at half that rate, ms', accept?.smtpP99Ms),
    wait('p50 from acceptance to 250 with nothing else to do, ms', accept?.idleP50Ms, 20),
    wait('p99 from acceptance to 250 while a campaign runs, ms', accept?.busyP99Ms, 1_000),
  ];
}
