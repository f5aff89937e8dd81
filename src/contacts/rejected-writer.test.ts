import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { AppError } from '../base/index.ts';
import { createRejectedWriter } from './index.ts';
import type { RejectedRow } from './index.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'todoku-rejected-'));
});
afterEach(() => rm(folder, { recursive: true }));

const row = (line: number, text: string): RejectedRow => ({
  line,
  text,
  code: 'bad-address',
  reason: { ja: '「@」がありません', en: 'there is no "@"' },
});

test.each(['ja', 'en'] as const)('writes a CSV that Excel reads, reasons in %s', async (language) => {
  const path = join(folder, 'rejected.csv');
  const writer = createRejectedWriter(path, language);
  writer.write(row(2, 'taro,山田'));
  writer.write(row(5, '"a\nb",c'));
  expect(writer.rows).toBe(2);
  expect(await readdir(folder)).toEqual(['rejected.csv.part']);
  expect(writer.finish()).toBe(path);
  expect(await readdir(folder)).toEqual(['rejected.csv']);
  const content = await readFile(path);
  expect(content.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
  expect(content.toString().split('\r\n').at(-1)).toBe('');
  const reason = row(0, '').reason[language];
  expect(parse(content, { bom: true })).toEqual([
    ['line', 'code', 'reason', 'text'],
    ['2', 'bad-address', reason, 'taro,山田'],
    ['5', 'bad-address', reason, '"a\nb",c'],
  ]);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '＝1+1', '＋1', '－1', '＠x', '=cmd|"/c calc"!A1,x'])(
  '%j is no formula in it',
  async (text) => {
    const path = join(folder, 'rejected.csv');
    const writer = createRejectedWriter(path, 'en');
    writer.write(row(2, text));
    writer.finish();
    const rows: string[][] = parse(await readFile(path), { bom: true });
    expect(rows[1]?.[3]).toBe(`'${text}`);
  },
);

test('nothing rejected leaves no file, and an earlier one as it was', async () => {
  const path = join(folder, 'rejected.csv');
  expect(createRejectedWriter(path, 'en').finish()).toBe(null);
  expect(await readdir(folder)).toEqual([]);
  await writeFile(path, 'earlier');
  expect(createRejectedWriter(path, 'en').finish()).toBe(null);
  expect(await readFile(path, 'utf8')).toBe('earlier');
});

test('discarded it leaves nothing behind; discarding after the end is nothing', async () => {
  const path = join(folder, 'rejected.csv');
  const writer = createRejectedWriter(path, 'en');
  for (let line = 2; line < 5000; line += 1) writer.write(row(line, 'x'.repeat(100)));
  writer.discard();
  expect(await readdir(folder)).toEqual([]);
  const second = createRejectedWriter(path, 'en');
  second.write(row(2, 'x'));
  second.finish();
  second.discard();
  expect(await readdir(folder)).toEqual(['rejected.csv']);
});

test('a folder that is not there is told before the import begins', () => {
  expect(() => createRejectedWriter(join(folder, 'no', 'rejected.csv'), 'en')).toThrow(AppError);
});

test('a place that is taken by a folder is told before the import begins, and one taken meanwhile at its end', async () => {
  const path = join(folder, 'rejected.csv');
  await mkdir(path);
  expect(() => createRejectedWriter(path, 'en')).toThrow(/: it is a folder$/);
  await rm(path, { recursive: true });
  const writer = createRejectedWriter(path, 'en');
  writer.write(row(2, 'x'));
  await mkdir(path);
  expect(() => writer.finish()).toThrow(AppError);
  expect(await readdir(folder)).toEqual(['rejected.csv']);
  expect(await readdir(path)).toEqual([]);
});
