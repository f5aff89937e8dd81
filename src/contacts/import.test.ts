import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addresses, outline, recipientLists } from '../../test/support/recipient-lists.ts';
import type { ImportedList, RecipientLists } from '../../test/support/recipient-lists.ts';
import { importRecipients } from './index.ts';
import type { ImportOptions } from './index.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

const read = (content: string | Uint8Array, options?: ImportOptions): Promise<ImportedList> =>
  lists.read(content, options);

describe('a well-formed list', () => {
  test('gives every row with its line, address, domain and variables', async () => {
    const list = await read('email,名前\ntaro@example.jp,山田太郎\nHanako@Example.JP,花子\n');
    expect(list).toMatchObject({
      encoding: 'utf-8',
      columns: ['email', '名前'],
      rows: 2,
      accepted: 2,
      rejected: 0,
    });
    expect(list.people).toEqual([
      {
        line: 2,
        address: 'taro@example.jp',
        domain: 'example.jp',
        variables: { email: 'taro@example.jp', 名前: '山田太郎' },
      },
      {
        line: 3,
        address: 'Hanako@example.jp',
        domain: 'example.jp',
        variables: { email: 'Hanako@example.jp', 名前: '花子' },
      },
    ]);
  });

  test('whose address column has another name: `email` is there beside it, both normalised', async () => {
    const { people, normalised } = await read('名前,メールアドレス\n太郎,　ｔａｒｏ＠example.jp \n');
    expect(people[0]?.variables).toEqual({
      名前: '太郎',
      メールアドレス: 'taro@example.jp',
      email: 'taro@example.jp',
    });
    expect(normalised).toEqual({
      count: 1,
      examples: [{ line: 2, from: '　ｔａｒｏ＠example.jp ', to: 'taro@example.jp' }],
    });
  });

  test.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('with %s line ends, with and without the last one', async (_name, end) => {
    for (const tail of ['', end, end + end]) {
      const content = ['email,n', 'a@x.jp,1', '', 'b@x.jp,2'].join(end) + tail;
      for (const chunkBytes of [1, 7, 65_536]) {
        const list = await read(content, { chunkBytes });
        expect(addresses(list.people)).toEqual(['2 a@x.jp', '4 b@x.jp']);
        expect(list.people[1]?.variables['n']).toBe('2');
      }
    }
  });

  test.each([',', ';', '\t'])('delimited by %j', async (delimiter) => {
    const list = await read(`name${delimiter}email\n"A${delimiter}B"${delimiter}a@x.jp\n`);
    expect(list.people[0]?.variables).toEqual({ name: `A${delimiter}B`, email: 'a@x.jp' });
  });

  test('the delimiter that shows the address column wins over the more frequent one', async () => {
    const list = await read('email;a,b,c,d\nx@x.jp;1,2,3,4\n');
    expect(list.people[0]?.variables).toEqual({ email: 'x@x.jp', 'a,b,c,d': '1,2,3,4' });
  });

  test('quoted cells keep delimiters, quotes and newlines, and lines stay right after them', async () => {
    const list = await read(
      'email,note\r\na@x.jp,"one\r\ntwo ""three"",\r\n"\r\nb@x.jp,""\r\n"c@x.jp",plain\r\n',
    );
    expect(list.people.map((person) => [person.line, person.address, person.variables['note']])).toEqual([
      [2, 'a@x.jp', 'one\r\ntwo "three",\r\n'],
      [5, 'b@x.jp', ''],
      [6, 'c@x.jp', 'plain'],
    ]);
  });

  test('a header with a newline in a quoted name, blank lines before it', async () => {
    for (const chunkBytes of [1, 65_536]) {
      const list = await read('\n \n"姓\n名",E-Mail\n太郎,a@x.jp\n', { chunkBytes });
      expect(list.columns).toEqual(['姓\n名', 'E-Mail']);
      expect(addresses(list.people)).toEqual(['5 a@x.jp']);
    }
  });

  test('columns without a name are left out of the variables', async () => {
    const list = await read('email,,\na@x.jp,1,\n');
    expect(list.columns).toEqual(['email']);
    expect(list.people[0]?.variables).toEqual({ email: 'a@x.jp' });
  });

  test('batches hold at most 1,000 rows and the reader waits for each', async () => {
    const rows = Array.from({ length: 2500 }, (_, index) => `u${index}@x.jp`);
    const sizes: number[] = [];
    let busy = 0;
    const path = await lists.write(`email\n${rows.join('\n')}`);
    const progress: number[][] = [];
    const summary = await importRecipients(path, {
      async accepted(batch) {
        busy += 1;
        expect(busy).toBe(1);
        await new Promise((resolve) => setImmediate(resolve));
        busy -= 1;
        sizes.push(batch.length);
      },
      rejected: () => {},
      progress: (...step) => void progress.push(step),
    });
    expect(sizes).toEqual([1000, 1000, 500]);
    expect(summary.accepted).toBe(2500);
    const [bytesRead, bytesTotal, rowsRead] = progress.at(-1) ?? [];
    expect(bytesRead).toBe(bytesTotal);
    expect(rowsRead).toBe(2500);
  });

  test('an error of the listener ends the import', async () => {
    const path = await lists.write('email\na@x.jp\n');
    const full = (): Promise<void> => Promise.reject(new Error('disk full'));
    await expect(importRecipients(path, { accepted: full, rejected: () => {} })).rejects.toThrow('disk full');
  });
});

describe('names of the address column', () => {
  test.each([
    'email',
    'EMAIL',
    ' Email ',
    'E-mail',
    'e_mail',
    'Mail',
    'mailaddress',
    'Mail Address',
    'EmailAddress',
    'email address',
    'E-mail Address',
    'address',
    'メールアドレス',
    'メール',
    'Eメール',
    'Ｅメール',
    'eメールアドレス',
    'ｅｍａｉｌ',
    'ﾒｰﾙｱﾄﾞﾚｽ',
    '電子メール',
    '電子メールアドレス',
    'アドレス',
    'メアド',
    '\u200Bemail',
    '"email"',
    'メール アドレス',
    'メールアドレス(*)',
  ])('%s', async (name) => {
    const list = await read(`名前,${name}\n太郎,a@x.jp\n`);
    expect(list.people[0]?.address).toBe('a@x.jp');
  });

  test.each([
    ['email,Mail', 'a@x.jp,b@x.jp', 'a@x.jp'],
    ['Email,email', 'a@x.jp,b@x.jp', 'b@x.jp'],
    ['住所 address,Mail', 'Tokyo,b@x.jp', 'b@x.jp'],
    ['Address,Mail', 'Tokyo,b@x.jp', 'b@x.jp'],
  ])('of %s the right one is taken', async (header, row, expected) => {
    expect((await read(`${header}\n${row}\n`)).people[0]?.address).toBe(expected);
  });
});

describe('rows that are left out', () => {
  test('each with line, text, code and a reason in both languages; the rest is imported', async () => {
    const list = await read(
      [
        'email,name',
        'a@x.jp,A',
        'b@x,B',
        ',C',
        '  ,C',
        'd@x.jp',
        'e@x.jp,E,F',
        'name only',
        'A@X.jp,again',
        'f@x.jp,F',
      ].join('\n'),
    );
    expect(outline(list.rejects)).toEqual([
      '3 bad-address',
      '4 missing-column',
      '5 missing-column',
      '6 column-count',
      '7 column-count',
      '8 column-count',
      '9 duplicate',
    ]);
    expect(addresses(list.people)).toEqual(['2 a@x.jp', '10 f@x.jp']);
    expect(list).toMatchObject({ rows: 9, accepted: 2, rejected: 6, duplicates: 1 });
    expect(list.rejects[0]?.text).toBe('b@x,B');
    expect(list.rejects[6]?.reason).toEqual({
      ja: 'A@x.jp は2行目にもあります（大文字と小文字は区別しません）',
      en: 'A@x.jp is already on line 2 (upper and lower case count as the same)',
    });
    for (const { reason } of list.rejects) {
      expect(reason.ja).toMatch(/\p{Script=Hiragana}/u);
      expect(reason.en).not.toBe('');
    }
  });

  test('a row that stops before the address column misses it', async () => {
    expect(outline((await read('name,email,x\nA\nB,b@x.jp,1\n')).rejects)).toEqual(['2 missing-column']);
  });

  test('the text of a rejected row is cut at 500 characters', async () => {
    const list = await read(`email\n${'x'.repeat(2000)}\na@x.jp\n`);
    expect(list.rejects[0]?.text).toHaveLength(500);
  });

  test('a line beyond the limit is one rejected row, however long, and lines stay right', async () => {
    const list = await read(
      `email,n\na@x.jp,${'x'.repeat(300_000)}\r\nb@x.jp,1\nc@x.jp,${'y'.repeat(200_000)}`,
    );
    expect(outline(list.rejects)).toEqual(['2 too-long', '4 too-long']);
    expect(addresses(list.people)).toEqual(['3 b@x.jp']);
  });

  test('legacy carrier addresses and internationalised domains are taken', async () => {
    const list = await read('email\n.ta..ro.@docomo.ne.jp\nta..ro@example.jp\ntaro@日本語.jp\n');
    expect(addresses(list.people)).toEqual(['2 .ta..ro.@docomo.ne.jp', '4 taro@xn--wgv71a119e.jp']);
    expect(outline(list.rejects)).toEqual(['3 bad-address']);
  });
});

describe('stopping', () => {
  test('an aborted signal stops before anything is read', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    await expect(read('email\na@x.jp\n', { signal })).rejects.toThrow('stop');
  });

  test('an abort within a batch stops before the next one', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `u${index}@x.jp`).join('\n');
    const stop = new AbortController();
    let batches = 0;
    const listener = {
      accepted(): void {
        batches += 1;
        if (batches === 3) stop.abort(new Error('enough'));
      },
      rejected: () => {},
    };
    const path = await lists.write(`email\n${rows}\n`);
    await expect(importRecipients(path, listener, { signal: stop.signal })).rejects.toThrow('enough');
    expect(batches).toBe(3);
  });
});
