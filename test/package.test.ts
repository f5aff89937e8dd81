import { execFileSync, spawnSync } from 'node:child_process';
import type { SpawnSyncReturns } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { root } from './support/source-tree.ts';

// What a user gets: the tarball of `npm pack`, installed in an empty folder, away from this checkout.

/** An install asks the registry for packages that are in no cache yet. */
const installLimitMs = 300_000;

const ownPrograms = path.join(root, 'node_modules/.bin');
const searchPath = (process.env['PATH'] ?? '').split(path.delimiter);
const manifest = z
  .object({
    version: z.string(),
    engines: z.object({ node: z.string() }),
    bin: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));

let folder = '';
let packed: readonly string[] = [];

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'todoku-package-'));
  const { filename, files } = readPackReport(npm(root, 'pack', '--json', '--pack-destination', folder));
  packed = files;
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true }));
  npm(folder, 'install', '--prefer-offline', '--no-audit', '--no-fund', path.join(folder, filename));
}, installLimitMs);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function npm(cwd: string, ...npmArguments: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', npmArguments, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${npmArguments.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout;
}

const packReport = z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) });

/** The build writes to the same stream before the report; npm 12 names each report by its package. */
function readPackReport(output: string): { filename: string; files: readonly string[] } {
  const value: unknown = JSON.parse(output.slice(output.search(/^[[{]$/m)));
  const reports = z.union([z.array(packReport), z.record(z.string(), packReport)]).parse(value);
  const [report] = Object.values(reports);
  if (report === undefined) throw new Error(`npm pack reported nothing: ${output}`);
  return { filename: report.filename, files: report.files.map((file) => file.path) };
}

/** Runs the installed `todoku` with the `node` that `programs` has. */
function todoku(programs: string, ...programArguments: readonly string[]): SpawnSyncReturns<string> {
  return spawnSync(path.join(folder, 'node_modules/.bin/todoku'), programArguments, {
    cwd: folder,
    encoding: 'utf8',
    env: { HOME: folder, LANG: 'en_US.UTF-8', PATH: [programs, '/usr/bin', '/bin'].join(path.delimiter) },
  });
}

test('the lockfile names every platform and no registry', () => {
  // `npm run lockfile` mends the first; the second is the setting in .npmrc.
  const text = readFileSync(path.join(root, 'package-lock.json'), 'utf8');
  const entry = z.object({ optionalDependencies: z.record(z.string(), z.string()).default({}) });
  const { packages } = z.object({ packages: z.record(z.string(), entry) }).parse(JSON.parse(text));
  const absent = Object.entries(packages).flatMap(([owner, { optionalDependencies }]) => {
    const names = Object.keys(optionalDependencies);
    return names.filter(
      (name) => !(`node_modules/${name}` in packages || `${owner}/node_modules/${name}` in packages),
    );
  });
  expect(absent).toEqual([]);
  expect(text).not.toMatch(/"resolved"|\.tgz"/);
});

test('the tarball has what is needed and nothing else', () => {
  const known =
    /^(bin|dist|knowledge|packaging)\/|^(README|README\.ja|CHANGELOG)\.md$|^(LICENSE|package\.json)$/;
  expect(packed.filter((file) => !known.test(file))).toEqual([]);
  expect(packed.filter((file) => /\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
  // Declarations of what others' programs import, and of nothing else.
  expect(packed.filter((file) => file.endsWith('.d.ts') && !file.startsWith('dist/src/client/'))).toEqual([]);
  const wanted = [
    'bin/todoku.js',
    'README.md',
    'README.ja.md',
    'CHANGELOG.md',
    'LICENSE',
    'dist/src/app/main.js',
    'dist/src/client/index.js',
    'dist/src/client/index.d.ts',
    'packaging/todoku.service',
  ];
  expect(wanted.filter((file) => !packed.includes(file))).toEqual([]);
  expect(packed.some((file) => file.startsWith('knowledge/'))).toBe(true);
});

test('the installed todoku knows its version', () => {
  const { status, stdout, stderr } = todoku(ownPrograms, '--version');
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${manifest.version}\n`, stderr: '' });
});

test('the installed todoku answers without a configuration file', () => {
  const { status, stdout, stderr } = todoku(ownPrograms, 'config', 'show', '--json');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toBeTypeOf('object');
});

test('the installed todoku finds its knowledge', () => {
  const { status, stdout, stderr } = todoku(
    ownPrograms,
    'classify',
    '--json',
    '--reply',
    '550 5.1.1 User unknown',
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ verdict: 'userunknown' });
});

const clientProgram = `import { createClient, TodokuError } from 'todoku/client';
import type { AcceptedMail, TodokuClient } from 'todoku/client';
const todoku: TodokuClient = createClient({ baseUrl: 'http://127.0.0.1:9', token: 'tdk_x' });
const send = async (): Promise<AcceptedMail> =>
  await todoku.messages.create({ from: 'a@b.example', to: ['c@d.example'], text: 'x' });
// @ts-expect-error -- a mail has a sender
const wrong = async () => await todoku.messages.create({ to: 'c@d.example' });
console.log(typeof send, typeof wrong, new TodokuError(new Response(null, { status: 503 }), null).message);
`;

test('the installed client is typed, and runs', () => {
  writeFileSync(path.join(folder, 'use.mts'), clientProgram);
  const compile = ['--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
  const compiled = spawnSync(path.join(ownPrograms, 'tsc'), [...compile, '--types', '', 'use.mts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ status: compiled.status, stdout: compiled.stdout }).toEqual({ status: 0, stdout: '' });
  const ran = spawnSync(path.join(ownPrograms, 'node'), ['use.mjs'], { cwd: folder, encoding: 'utf8' });
  expect({ stdout: ran.stdout, stderr: ran.stderr }).toEqual({
    stdout: 'function function HTTP 503\n',
    stderr: '',
  });
});

const wantedMajor = Number(manifest.engines.node.replace(/\D/g, ''));
const oldNode = searchPath.find((programs) => majorOf(path.join(programs, 'node')) < wantedMajor);

/** Infinity where no such program is. */
function majorOf(node: string): number {
  try {
    accessSync(node, constants.X_OK);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
  return Number(/^v(\d+)/.exec(execFileSync(node, ['--version'], { encoding: 'utf8' }))?.[1]);
}

test.skipIf(oldNode === undefined)(
  'a Node that is too old is told so in one line (needs an old Node in PATH)',
  () => {
    const { status, stdout, stderr } = todoku(oldNode ?? '', '--version');
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(new RegExp(`^[^\\n]*\\b${wantedMajor}\\b[^\\n]*\\n$`));
  },
);

test.skipIf(oldNode === undefined)(
  "`npm test` on such a Node, without the package's own, says so too",
  () => {
    const script = path.join(root, 'scripts/require-node.js');
    const { status, stderr } = spawnSync(path.join(oldNode ?? '', 'node'), [script], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toMatch(new RegExp(`^[^\\n]*\\b${wantedMajor}\\b[^\\n]*\\n$`));
  },
);
