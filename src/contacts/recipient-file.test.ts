import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recipientLists } from '../../test/support/recipient-lists.ts';
import type { RecipientLists } from '../../test/support/recipient-lists.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

describe('files that are no list end in one line that says what to do', () => {
  const xlsx = Buffer.from('PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0[Content_Types].xml', 'latin1');

  type Unreadable = readonly [what: string, content: string | Uint8Array, code: string, line: RegExp];
  test.each<Unreadable>([
    ['an empty file', '', 'recipients-empty', /is empty/],
    ['only blank lines', '\n\n  \r\n', 'recipients-no-header', /column names/],
    ['only a BOM', '\uFEFF', 'recipients-no-header', /column names/],
    ['only a header', 'email,name\n', 'recipients-none', /no recipients/],
    ['no address column', 'name,age\nA,1\n', 'recipients-no-email-column', /name, age.*rename/],
    ['no header at all', 'a@x.jp,A\nb@x.jp,B\n', 'recipients-no-email-column', /a@x\.jp, A/],
    ['two address columns', 'mail,メール\na@x.jp,b@x.jp\n', 'recipients-two-email-columns', /mail, メール/],
    ['a column twice', 'email,name,name\na@x.jp,1,2\n', 'recipients-column-name', /"name"/],
    ['a column named __proto__', 'email,__proto__\na@x.jp,1\n', 'recipients-column-name', /__proto__/],
    ['a header with broken quoting', '"email,name\na@x.jp,1\n', 'recipients-header-quoting', /line 1/],
    ['a workbook', xlsx, 'recipients-not-csv', /CSV UTF-8/],
    ['an old workbook', Buffer.from('d0cf11e0a1b11ae10000', 'hex'), 'recipients-not-csv', /Excel workbook/],
    ['a zip', Buffer.from('PK\x03\x04 list.csv', 'latin1'), 'recipients-not-csv', /zip/],
    ['gzip', Buffer.from('1f8b0800', 'hex'), 'recipients-not-csv', /gunzip/],
    ['a PDF', '%PDF-1.7 …', 'recipients-not-csv', /PDF/],
    ['NUL bytes', Buffer.from('email\0\0\0\0a@x.jp'), 'recipients-not-csv', /not a text file/],
    [
      'a PNG',
      Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
      'recipients-not-csv',
      /not a text file/,
    ],
  ])('%s', async (...[, content, code, line]) => {
    const error = await lists.failure(await lists.write(content));
    expect(error.code).toBe(code);
    expect(error.line('en')).toMatch(line);
    expect(error.exitCode).toBe(2);
    expect(error.line('ja')).toMatch(/\p{Script=Hiragana}/u);
    for (const language of ['ja', 'en'] as const) expect(error.line(language)).not.toContain('\n');
  });

  test('a missing file, a folder, a path through a file', async () => {
    const missing = await lists.failure(join(lists.folder, 'nothing.csv'));
    expect(missing.line('en')).toMatch(/nothing\.csv: no such file/);
    await mkdir(join(lists.folder, 'sub'));
    expect((await lists.failure(join(lists.folder, 'sub'))).line('en')).toMatch(/it is a folder/);
    expect((await lists.failure(join(await lists.write('email\na@x.jp'), 'x'))).line('en')).toMatch(
      /no folder/,
    );
    expect((await lists.failure('/dev/null')).code).toBe('recipients-not-a-file');
  });
});
