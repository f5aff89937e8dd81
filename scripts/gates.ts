import { performance } from 'node:perf_hooks';
import { runProgram } from './run-program.ts';

/** Passed, failed and skipped, of gates as of tests. */
export type Tally = { readonly passed: number; readonly failed: number; readonly skipped: number };

export type Gate = { readonly name: string; readonly command: readonly string[] };

/** The gates beside the tests, the quick ones first. docs/decisions/0001-gates.md says why these. */
export const gates: readonly Gate[] = [
  { name: 'format', command: ['oxfmt', '--check'] },
  {
    name: 'lint',
    command: ['oxlint', '--type-aware', '--deny-warnings', '--report-unused-disable-directives'],
  },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { name: 'unused', command: ['knip', '--no-progress', '--treat-config-hints-as-errors'] },
  { name: 'generated', command: ['node', 'scripts/generate.ts', '--check'] },
];

/** Runs all gates, one after the other, and shows what each that failed has to say. */
export async function runGates(): Promise<Tally> {
  let failed = 0;
  for (const gate of gates) {
    const startMs = performance.now();
    const { exitCode, output } = await runProgram({ command: gate.command });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    console.log(
      `${exitCode === 0 ? 'ok    ' : 'FAILED'}  ${gate.name}  ${gate.command.join(' ')}  (${seconds} s)`,
    );
    if (exitCode === 0) continue;
    failed += 1;
    console.log(output.trimEnd());
  }
  return { passed: gates.length - failed, failed, skipped: 0 };
}
