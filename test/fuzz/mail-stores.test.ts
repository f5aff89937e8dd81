import { describe, expect, test } from 'vitest';
import { readDbx } from '../../src/mailbox/stores/dbx.ts';
import { readEmlx } from '../../src/mailbox/stores/emlx.ts';
import { yearOfHeader, yearOfSeparator } from '../../src/mailbox/stores/mail-date.ts';
import { scanMbox } from '../../src/mailbox/stores/mbox-scan.ts';
import { pstChecksum, readPst } from '../../src/mailbox/stores/pst.ts';
import type { StoreFile } from '../../src/mailbox/stores/store-file.ts';
import { dbxFile, emlxFile, mboxOf, pstFile } from '../support/mail-stores.ts';
import { mutate, seeded } from '../support/mutate.ts';

// Whatever lies on the disk is read without an exception, within bounds of reads, and no octet of an mbox is lost or told twice.

/** Counts what is read: a file that leads in circles must not be followed for ever. */
function counted(octets: Uint8Array): { readonly file: StoreFile; readonly reads: () => number } {
  const bytes = Buffer.from(octets);
  let reads = 0;
  return {
    reads: () => reads,
    file: {
      size: bytes.length,
      read(position, length) {
        reads += 1;
        expect(position).toBeGreaterThanOrEqual(0);
        return Promise.resolve(bytes.subarray(position, position + length));
      },
    },
  };
}

const pieces = [
  'From ',
  '\nFrom a@b Tue Mar  5 10:00:00 2024\n',
  '\n\n',
  '\0\0',
  '!BDN',
  'SM',
  '\u00ff'.repeat(8),
].map((piece) => Buffer.from(piece, 'latin1'));
const runs = 2_000;

async function spans(octets: Uint8Array): Promise<number> {
  const { file } = counted(octets);
  let at = 0;
  let messages = 0;
  for await (const { start, end, head, faults } of scanMbox(file)) {
    expect(start).toBe(at);
    expect(end).toBeGreaterThan(start);
    expect(head.length).toBeLessThanOrEqual(16 * 1_024);
    for (const fault of faults) expect(fault.at).toBeLessThanOrEqual(octets.length);
    at = end;
    messages += 1;
  }
  expect(at).toBe(octets.length);
  return messages;
}

describe('mail stores that something happened to', () => {
  test('an mbox: its messages follow one another without a gap', async () => {
    const random = seeded(11);
    const whole = Buffer.from(mboxOf([{ year: 2020 }, { year: 2021 }, { year: 2022 }]));
    let understood = 0;
    for (let run = 0; run < runs; run += 1)
      understood += (await spans(mutate(whole, random, pieces))) > 1 ? 1 : 0;
    expect(understood).toBeGreaterThan(runs / 2);
  });

  test('an mbox whose separators lie at the borders of windows', async () => {
    const mail = 'From a@b Tue Mar  5 10:00:00 2024\nSubject: x\n\n';
    for (let shift = -40; shift <= 40; shift += 1) {
      const body = 'x'.repeat(1_048_576 - mail.length + shift - 2);
      const octets = Buffer.from(`${mail}${body}\n\n${mail}end\n\n`);
      expect([shift, await spans(octets)]).toEqual([shift, 2]);
    }
  });

  test('an mbox without a line end, of one octet, of nothing but separators', async () => {
    expect(await spans(Buffer.alloc(3_000_000, 0x41))).toBe(1);
    expect(await spans(Buffer.from('F'))).toBe(1);
    expect(await spans(Buffer.alloc(0))).toBe(0);
    expect(await spans(Buffer.from('From a@b Tue Mar  5 10:00:00 2024\n'.repeat(1_000)))).toBe(1_000);
  });

  test.each([
    ['dbx', dbxFile(), 10, async (file: StoreFile) => (await readDbx(file)).damage],
    ['PST', pstFile(), 30, async (file: StoreFile) => (await readPst(file, 20)).damage],
    [
      'PST of old',
      pstFile({ form: 'ansi' }),
      30,
      async (file: StoreFile) => (await readPst(file, 20)).damage,
    ],
    ['emlx', Buffer.from(emlxFile()), 10, async (file: StoreFile) => await readEmlx(file)],
  ] as const)('%s', async (_name, whole, mostReads, read) => {
    const random = seeded(12);
    const results = new Set<unknown>();
    for (let run = 0; run < runs; run += 1) {
      const { file, reads } = counted(mutate(whole, random, pieces));
      results.add(await read(file));
      expect(reads()).toBeLessThanOrEqual(mostReads);
    }
    expect(results.size).toBeGreaterThan(2);
  });

  test('a PST whose tree leads back to its root ends', async () => {
    const file = pstFile({ leaves: 1 });
    const root = 1_024 + 512;
    file.writeBigUInt64LE(BigInt(root), root + 16);
    // The checksum holds: only the level, which must be one below, tells.
    file.writeUInt32LE(pstChecksum(file.subarray(root, root + 496)), root + 500);
    const { file: looped, reads } = counted(file);
    expect(await readPst(looped, 1_000)).toMatchObject({ damage: 'tree', pages: 3 });
    expect(reads()).toBe(4);
  });

  test('dates: a year within bounds, or none', () => {
    const random = seeded(13);
    const head = Buffer.from('Subject: x\nDate: Tue, 05 Mar 2024 10:00:00 +0900\nTo: a@b\n');
    let read = 0;
    for (let run = 0; run < runs; run += 1) {
      const changed = Buffer.from(mutate(head, random, pieces));
      const year = yearOfHeader(changed, { lastYear: 2027 });
      const other = yearOfSeparator(changed.toString('latin1').slice(0, 250), { lastYear: 2027 });
      for (const each of [year, other]) if (each !== null) expect(each >= 1971 && each <= 2027).toBe(true);
      if (year === 2024) read += 1;
    }
    expect(read).toBeGreaterThan(runs / 4);
    const long = Buffer.from(`Date: ${'1 Jan '.repeat(20_000)}\n`);
    expect(yearOfHeader(long, { lastYear: 2027 })).toBe(null);
  });
});
