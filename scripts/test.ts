// `npm test`: real peers where they may be installed, the gates, all tests, one closing line.
// `npm test -- src/net` hands what follows to vitest: the gates, then these tests.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runGates } from './gates.ts';
import type { Tally } from './gates.ts';
import { runProgram } from './run-program.ts';
import { addTallies, closingLine, countTests } from './tally.ts';

await installPeers();
const gateTally = await runGates();
const testTally = await runTests(process.argv.slice(2));
const tally = addTallies(gateTally, testTally);
console.log(closingLine(tally));
process.exitCode = tally.failed === 0 ? 0 : 1;

/** Tests that need a peer which is not there are skipped, each with its reason. */
async function installPeers(): Promise<void> {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    console.log(
      'NOT INSTALLED: peers (scripts/peers.txt) need root on Debian; tests of absent peers are skipped.',
    );
    return;
  }
  const { exitCode } = await runProgram({ command: ['sh', 'scripts/install-peers.sh'], shown: true });
  if (exitCode !== 0) console.log('NOT INSTALLED: peers (see above); tests of absent peers are skipped.');
}

async function runTests(filters: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(path.join(tmpdir(), 'todoku-test-'));
  const reportFile = path.join(folder, 'report.json');
  try {
    const command = [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${reportFile}`,
    ];
    const { exitCode } = await runProgram({ command: [...command, ...filters], shown: true });
    return countTests(existsSync(reportFile) ? readFileSync(reportFile, 'utf8') : null, exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
