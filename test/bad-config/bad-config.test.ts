import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runInProcess } from '../support/cli-run.ts';

// Each folder is a configuration with a mistake, an `environment` beside it if that matters, and what people read.
const cases = readdirSync(import.meta.dirname, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

describe.each(cases)('%s', (name) => {
  const folder = join(import.meta.dirname, name);

  it.each([
    ['en', 'expected-error.txt'],
    ['ja', 'expected-error.ja.txt'],
  ])('is explained in %s', async (language, expected) => {
    const variables = join(folder, 'environment');
    const result = await runInProcess(
      ['config', 'check', '--config', join(folder, 'todoku.yaml'), '--lang', language],
      { environment: existsSync(variables) ? parseEnv(readFileSync(variables, 'utf8')) : {} },
    );
    expect(result.stderr.replaceAll(`${folder}/`, '')).toBe(readFileSync(join(folder, expected), 'utf8'));
    expect(result.stdout).toBe('');
    expect(result.exitCode).toBe(2);
  });
});

it('there are at least fifteen', () => {
  expect(cases.length).toBeGreaterThanOrEqual(15);
});
