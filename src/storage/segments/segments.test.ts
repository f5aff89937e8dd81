import { appendFileSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createSegmentReader, openSegmentLog } from './index.ts';
import type { RecordPlace, SegmentLog, SegmentReader } from './index.ts';

const bodies = ['first', '', 'あいう', 'x'.repeat(5_000)].map((text) => Buffer.from(text));

async function openLog(folder: string, segmentOctets = 1_000_000, knownEnd = 0): Promise<SegmentLog> {
  const log = await openSegmentLog({ folder, segmentOctets, knownEnd: () => knownEnd });
  onTestFinished(() => log.close());
  return log;
}

function readerOf(folder: string): SegmentReader {
  const reader = createSegmentReader(folder);
  onTestFinished(() => reader.close());
  return reader;
}

function readAll(reader: SegmentReader, places: readonly RecordPlace[]): readonly (string | undefined)[] {
  return places.map((place) => reader.read(place)?.toString());
}

const texts = bodies.map(String);

test('what was appended is read by its place, also after reopening', async () => {
  const folder = join(temporaryFolder(), 'bodies');
  const log = await openLog(folder);
  const places = await log.append(bodies);
  expect(readAll(readerOf(folder), places)).toEqual(texts);
  await log.close();
  const again = await openLog(folder);
  const more = await again.append([Buffer.from('later')]);
  expect(more[0]?.segment).toBe(places[0]?.segment);
  expect(readAll(readerOf(folder), [...places, ...more])).toEqual([...texts, 'later']);
  expect(statSync(join(folder, '000001.seg')).mode & 0o777).toBe(0o600);
});

test('calls at the same time are served one after the other', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder);
  const batches = await Promise.all(bodies.map((body) => log.append([body, body])));
  expect(readAll(readerOf(folder), batches.flat())).toEqual(texts.flatMap((text) => [text, text]));
});

test('a new segment begins at the size, and a batch is never split', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder, 4_000);
  const places: RecordPlace[] = [];
  for (let batch = 0; batch < 3; batch += 1) places.push(...(await log.append(bodies)));
  expect(log.segments().map(({ number, isCurrent }) => [number, isCurrent])).toEqual([
    [1, false],
    [2, false],
    [3, true],
  ]);
  expect(readAll(readerOf(folder), places)).toEqual([...texts, ...texts, ...texts]);
});

test('more pieces than one writev takes', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder);
  const many = Array.from({ length: 3_000 }, (_, at) => Buffer.from(`body ${at}`));
  expect(readAll(readerOf(folder), await log.append(many))).toEqual(many.map(String));
});

test('wherever a crash cuts the last write, whole records stay and the log goes on', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder);
  const places = await log.append(bodies);
  await log.close();
  const file = join(folder, '000001.seg');
  const whole = readFileSync(file);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length), fc.uint8Array({ maxLength: 40 }), async (length, noise) => {
      writeFileSync(file, whole);
      truncateSync(file, length);
      appendFileSync(file, noise);
      const again = await openSegmentLog({ folder, segmentOctets: 1_000_000, knownEnd: () => 0 });
      const [next] = await again.append([Buffer.from('after the crash')]);
      await again.close();
      const reader = createSegmentReader(folder);
      const kept = places.filter(({ offset, octets }) => offset + 8 + octets <= length);
      expect(readAll(reader, kept)).toEqual(texts.slice(0, kept.length));
      expect(next === undefined ? null : reader.read(next)?.toString()).toBe('after the crash');
      reader.close();
    }),
    { numRuns: 60 },
  );
});

test('damage within what was promised is not cut off, and nothing is written behind it', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder);
  const places = await log.append(bodies);
  await log.close();
  const file = join(folder, '000001.seg');
  const bytes = readFileSync(file);
  bytes.writeUInt8(0xff, 8);
  writeFileSync(file, bytes);
  const again = await openLog(folder, 1_000_000, bytes.length);
  const [next] = await again.append([Buffer.from('next')]);
  expect(next?.segment).toBe(2);
  expect(readAll(readerOf(folder), places)).toEqual([undefined, ...texts.slice(1)]);
});

test('a removed segment is gone, and its number is not used again in this run', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder, 10);
  const [first] = await log.append([Buffer.from('a long first body')]);
  const [second] = await log.append([Buffer.from('second')]);
  if (first === undefined || second === undefined) throw new Error('nothing was appended');
  log.remove(first.segment);
  expect(() => log.remove(second.segment)).toThrow(/being written/);
  expect(readdirSync(folder)).toEqual(['000002.seg']);
  const reader = readerOf(folder);
  expect([reader.read(first), reader.read(second)?.toString()]).toEqual([null, 'second']);
});

test('a place that is none gives nothing, and no memory is asked for it in vain', async () => {
  const folder = temporaryFolder();
  const log = await openLog(folder);
  await log.append(bodies);
  const reader = readerOf(folder);
  expect(reader.read({ segment: 1, offset: 1, octets: 5 })).toBeNull();
  expect(reader.read({ segment: 9, offset: 0, octets: 5 })).toBeNull();
  expect(reader.read({ segment: 1, offset: 1_000_000, octets: 5 })).toBeNull();
});
