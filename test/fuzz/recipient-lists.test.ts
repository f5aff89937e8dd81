import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AppError } from '../../src/base/index.ts';
import { importRecipients } from '../../src/contacts/index.ts';
import type { ImportSummary } from '../../src/contacts/index.ts';
import { recipientLists } from '../support/recipient-lists.ts';
import type { RecipientLists } from '../support/recipient-lists.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

/** The import ends in an AppError or in a summary that accounts for every row; lines rise and rows are told once. */
async function expectSound(content: Uint8Array, chunkBytes: number): Promise<ImportSummary | null> {
  const path = await lists.write(content);
  let told = 0;
  const lines: number[] = [];
  try {
    const summary = await importRecipients(
      path,
      {
        accepted(batch) {
          told += batch.length;
          lines.push(...batch.map((person) => person.line));
        },
        rejected(row) {
          told += 1;
          expect(row.text.length).toBeLessThanOrEqual(500);
          expect(row.line).toBeGreaterThan(0);
        },
      },
      { chunkBytes },
    );
    expect(summary.accepted + summary.rejected + summary.duplicates).toBe(summary.rows);
    expect(told).toBe(summary.rows);
    expect(lines).toEqual(lines.toSorted((a, b) => a - b));
    return summary;
  } catch (error) {
    if (error instanceof AppError) {
      expect(error.line('en')).not.toMatch(/\n/);
      return null;
    }
    throw error;
  }
}

const chunkBytes = fc.constantFrom(1, 2, 3, 7, 64, 65_536);

test('arbitrary bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), chunkBytes, async (bytes, size) => {
      await expectSound(bytes, size);
    }),
    { numRuns: 300 },
  );
});

test('arbitrary bytes after a sound header', async () => {
  const header = fc.constantFrom('email\n', 'email,name\r\n', 'メール;名前\n', '\uFEFFemail\tname\r');
  await fc.assert(
    fc.asyncProperty(header, fc.uint8Array({ minLength: 1, maxLength: 300 }), async (first, bytes) => {
      await expectSound(Buffer.concat([Buffer.from(first), bytes]), 64);
    }),
    { numRuns: 300 },
  );
});

const pieces = fc.constantFrom(
  '"',
  '""',
  ',',
  '\n',
  '\r\n',
  '\r',
  ' ',
  'a@x.jp',
  'b@x.jp',
  '＠',
  'A',
  '山',
  '\0',
  '\uFFFD',
  ';',
);
const messy = fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join(''));

test('quotes, delimiters and line ends in any order, in any encoding', async () => {
  const encoding = fc.constantFrom('utf-8', 'cp932', 'eucjp', 'utf-16le', 'utf-16be');
  await fc.assert(
    fc.asyncProperty(messy, encoding, chunkBytes, async (text, name, size) => {
      await expectSound(iconv.encode(`email,name\n${text}`, name), size);
    }),
    { numRuns: 500 },
  );
});

test('the size of the chunks changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(messy, fc.integer({ min: 1, max: 9 }), async (text, size) => {
      const content = Buffer.from(`email,name\n${text}`);
      expect(await expectSound(content, size)).toEqual(await expectSound(content, 65_536));
    }),
    { numRuns: 300 },
  );
});

test('one broken row among sound ones costs at most itself', async () => {
  const junk = fc.string({ unit: fc.constantFrom('"', ',', 'a', ' ', '山'), minLength: 1, maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(junk, fc.constantFrom('', '"'), async (row, quote) => {
      const sound = Array.from(
        { length: 6 },
        (_, index) => `${quote}u${index}@x.jp${quote},${quote}N${quote}`,
      );
      const content = ['email,name', ...sound.slice(0, 3), row, ...sound.slice(3)].join('\n');
      const list = await lists.read(`${content}\n`);
      expect(list.people.filter((person) => /^u\d@x\.jp$/.test(person.address))).toHaveLength(6);
    }),
    { numRuns: 500 },
  );
});
