import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { badCode } from './gates/bad-code.ts';
import { root } from './support/source-tree.ts';

/** A package with the house's own settings and nothing else in it. */
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'todoku-gates-'));
  for (const file of ['.oxlintrc.json', '.oxfmtrc.json', 'tsconfig.json', 'knip.json']) {
    copyFileSync(path.join(root, file), path.join(folder, file));
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'x', type: 'module' }));
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function write(file: string, source: string): string {
  mkdirSync(path.join(folder, path.dirname(file)), { recursive: true });
  writeFileSync(path.join(folder, file), source);
  return file;
}

function run(
  program: string,
  ...programArguments: readonly string[]
): { code: number | null; output: string } {
  const command = path.join(root, 'node_modules/.bin', program);
  const { status, stdout, stderr } = spawnSync(command, programArguments, { cwd: folder, encoding: 'utf8' });
  return { code: status, output: stdout + stderr };
}

const lintReport = z.object({
  diagnostics: z.array(z.object({ code: z.string(), filename: z.string(), severity: z.string() })),
});

describe('the lint refuses', () => {
  const found = new Map<string, string[]>();
  const soundFile = 'src/base/sound.ts';
  const fileOf = badCode.map(({ file, folder: place }, index) => {
    return `${place ?? 'src/base'}/${file ?? `snippet-${index}.ts`}`;
  });

  beforeAll(() => {
    badCode.forEach(({ source }, index) => write(fileOf[index] ?? '', `${source}\n`));
    write(soundFile, 'export function twice(count: number): number {\n  return count * 2;\n}\n');
    const { output } = run('oxlint', '--type-aware', '--format=json');
    for (const { filename, code } of lintReport.parse(JSON.parse(output)).diagnostics) {
      found.set(filename, [...(found.get(filename) ?? []), code]);
    }
  });

  test.each(badCode.map(({ rule }, index) => [rule, index] as const))('%s (piece %i)', (rule, index) => {
    expect(found.get(fileOf[index] ?? '')).toContain(rule);
  });

  test('nothing in a file without fault', () => {
    expect(found.get(soundFile)).toBeUndefined();
  });

  test('and its exit code says so', () => {
    expect(run('oxlint', '--type-aware', '--deny-warnings', fileOf[0] ?? '').code).not.toBe(0);
    expect(run('oxlint', '--type-aware', '--deny-warnings', soundFile).code).toBe(0);
  });
});

describe('the compiler refuses', () => {
  test.each([
    ['an enum: it cannot be erased', 'export enum Colour { red }', 'TS1294'],
    [
      'a parameter property: it cannot be erased',
      'export class X { constructor(readonly a: number) {} }',
      'TS1294',
    ],
    ['an index that may be absent', 'export const x = (list: string[]): string => list[0];', 'TS2322'],
    ['undefined for an optional property', 'export const x: { a?: string } = { a: undefined };', 'TS2375'],
    [
      'a way out without a value',
      'export function x(a: boolean): number | undefined { if (a) return 1; }',
      'TS7030',
    ],
    [
      'a type imported as a value',
      "import { AddressInfo } from 'node:net';\nexport type X = AddressInfo;",
      'TS1484',
    ],
  ])('%s', (_what, source, code) => {
    const file = write('src/compiled/piece.ts', `${source}\n`);
    const settings = { extends: '../../tsconfig.json', include: ['*.ts'] };
    write('src/compiled/tsconfig.json', JSON.stringify(settings));
    expect(run('tsc', '-p', 'src/compiled').output).toMatch(new RegExp(`${path.basename(file)}.*${code}`));
  });
});

test('the format check refuses a file that the formatter would change', () => {
  write('format/crooked.ts', 'export const x = {a:1}');
  expect(run('oxfmt', '--check', 'format').code).not.toBe(0);
  expect(run('oxfmt', 'format').code).toBe(0);
  expect(run('oxfmt', '--check', 'format').code).toBe(0);
});

test('the check for unused things names a file, an export and a dependency that nobody uses', () => {
  const idle = mkdtempSync(path.join(tmpdir(), 'todoku-unused-'));
  try {
    const put = (file: string, text: string): void => {
      mkdirSync(path.join(idle, path.dirname(file)), { recursive: true });
      writeFileSync(path.join(idle, file), text);
    };
    copyFileSync(path.join(root, 'knip.json'), path.join(idle, 'knip.json'));
    put('package.json', JSON.stringify({ name: 'x', type: 'module', dependencies: { yaml: '2.9.1' } }));
    put('src/app/main.ts', "import { used } from './part.ts';\nused();\n");
    put('src/app/part.ts', 'export function used(): void {}\nexport function idle(): void {}\n');
    put('src/app/lonely.ts', 'export const lonely = 1;\n');
    const program = path.join(root, 'node_modules/knip/bin/knip.js');
    const { status, stdout } = spawnSync(process.execPath, [program, '--no-progress', '--no-config-hints'], {
      cwd: idle,
      encoding: 'utf8',
    });
    expect(status).not.toBe(0);
    expect(stdout).toMatch(
      /Unused files[^]*lonely\.ts[^]*Unused dependencies[^]*yaml[^]*Unused exports[^]*idle/,
    );
  } finally {
    rmSync(idle, { recursive: true, force: true });
  }
});
