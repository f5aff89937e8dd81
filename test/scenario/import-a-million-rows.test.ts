import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MeasuredImport } from '../support/measure-import.ts';

const script = fileURLToPath(new URL('../support/measure-import.ts', import.meta.url));

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'todoku-million-'));
});
afterAll(() => rm(folder, { recursive: true }));

/** About 100 bytes a row; one row in 1,000 is a duplicate, one in 1,000 has no address, one in 1,000 never closes a quote. */
async function generate(path: string, rows: number, quote: string): Promise<void> {
  const out = createWriteStream(path);
  out.write('email,name,prefecture,member,note\n');
  for (let row = 0; row < rows; row += 1000) {
    const lines = Array.from({ length: 1000 }, (_, index) => line(row + index, quote));
    if (!out.write(`${lines.join('\n')}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

function line(row: number, quote: string): string {
  const email = row % 1000 === 999 ? 'user0@example0.co.jp' : `user${row}@example${row % 5000}.co.jp`;
  const cells = [
    row % 1000 === 998 ? '' : email,
    '山田 太郎',
    '東京都千代田区',
    `M-${row}`,
    'ご購入ありがとうございます',
  ];
  const last = row % 1000 === 997 ? '"broken' : '';
  return cells.map((cell) => `${quote}${cell}${quote}`).join(',') + last;
}

async function measure(path: string): Promise<MeasuredImport> {
  // A heap of 32 MB would not hold a third of the file; without the limits V8 is only slower to collect (peak +200 MB).
  const heap = ['--max-old-space-size=32', '--max-semi-space-size=4'];
  const { stdout } = await promisify(execFile)(process.execPath, [...heap, script, path]);
  return JSON.parse(stdout) as MeasuredImport;
}

test.each([
  [1_000_000, 'plain', ''],
  [300_000, 'quoted', '"'],
])('%i %s rows are imported in bounded memory, every row accounted for', async (rows, name, quote) => {
  const path = join(folder, `${name}.csv`);
  await generate(path, rows, quote);
  const measured = await measure(path);
  const each = rows / 1000;
  expect(measured).toMatchObject({ rows, accepted: rows - 3 * each, rejected: 2 * each, duplicates: each });
  expect(measured.batches).toBe(Math.ceil((rows - 3 * each) / 1000));
  // Measured: 50 to 65 MB, of which 38 MB are the duplicate check while it grows for the last time; 3,000,000 rows took
  // 97 MB, all of the difference in that check.
  expect((measured.peakRssBytes - measured.startRssBytes) / 1e6).toBeLessThan(100);
});
