import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createOpenProduct } from '../../src/app/product.ts';
import { systemClock, systemRandom } from '../../src/base/index.ts';
import { runInProcess } from '../support/cli-run.ts';
import type { CliResult } from '../support/cli-run.ts';
import { pstFile } from '../support/mail-stores.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const parts = { clock: systemClock, random: systemRandom, version: '1.2.3' };

async function talk(lines: readonly string[], ...options: readonly string[]): Promise<CliResult> {
  const folder = temporaryFolder();
  return await runInProcess(['doctor', '--data', folder, ...options], {
    stdin: Readable.from([lines.map((line) => `${line}\n`).join('')]),
    openProduct: createOpenProduct(parts),
  });
}

const result = z.object({
  answers: z.array(z.string()),
  cause: z.string(),
  place: z.string().nullable(),
  advice: z.object({ ja: z.object({ steps: z.array(z.string()) }), en: z.object({ title: z.string() }) }),
});

test('leads to the cause with the steps of the carrier, and repeats what was answered', async () => {
  const { exitCode, stdout } = await talk(['1', '2', '1', '1', '1'], '--lang', 'ja');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('携帯電話会社の迷惑メール設定で止まっています');
  expect(stdout).toContain('My docomo');
  const told = stdout.slice(stdout.indexOf('お答え'));
  expect(told).toContain('どこにもない');
});

test('goes back with 0, takes full-width digits, asks again for what is no answer', async () => {
  const { exitCode, stdout, stderr } = await talk(['５', '0', '9', 'x', '3', '1', '2'], '--json');
  expect(exitCode).toBe(0);
  expect(stderr).toContain('a number from 1 to 6');
  expect(result.parse(JSON.parse(stdout))).toMatchObject({
    answers: ['login', 'oauth'],
    cause: 'oauth-only',
    place: 'thunderbird',
  });
});

test('answers by a check where one can tell', async () => {
  const { stdout, stderr } = await talk(['5', '1', '4', 'taro@@example.jp'], '--json');
  expect(stderr).toContain('not an e-mail address');
  expect(result.parse(JSON.parse(stdout))).toMatchObject({
    answers: ['not-arrived', 'yes', 'domain', 'never'],
    cause: 'address-typo',
  });
});

test('input that ends is told in one line', async () => {
  const { exitCode, stderr } = await talk(['1']);
  expect(exitCode).toBe(2);
  expect(stderr).toContain('the input ended before all was answered');
});

test('looks into the data file of Outlook, and a path that is not there is no end', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'mail.pst');
  // Sparse: 48 of the 50 GB at which it ends.
  writeFileSync(file, pstFile());
  truncateSync(file, 52_000_000_000);
  const { stdout, stderr } = await talk(['6', '1', join(folder, 'none.pst'), file, '0'], '--json');
  expect(stderr).toContain('A file cannot be read');
  expect(result.parse(JSON.parse(stdout))).toMatchObject({ cause: 'pst-ost-limit' });
});
