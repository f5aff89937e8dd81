// `npm run build`: dist/, what the published package runs. Node does not run .ts files under node_modules.
import { cpSync, globSync, rmSync } from 'node:fs';
import path from 'node:path';
import { root, runProgram } from './run-program.ts';

/** What the compiled code reads from beside itself. `knowledge/` is published as it is, at the package's root. */
const dataPatterns = ['src/**/*.sql', 'simulator/**/*.{yaml,html,txt,csv,pem}'];

const dist = path.join(root, 'dist');
rmSync(dist, { recursive: true, force: true });

const compiled = await runProgram({ command: ['tsc', '-p', 'tsconfig.build.json'], shown: true });
if (compiled.exitCode === 0) {
  for (const file of globSync(dataPatterns, { cwd: root })) {
    cpSync(path.join(root, file), path.join(dist, file), { recursive: true });
  }
}
// The one part that others' programs import.
const declared = await runProgram({ command: ['tsc', '-p', 'tsconfig.client.json'], shown: true });
process.exitCode = compiled.exitCode === 0 ? declared.exitCode : compiled.exitCode;
