import { hash } from 'node:crypto';
import encodingJapanese from 'encoding-japanese';
import fc from 'fast-check';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { outline, recipientLists } from '../../test/support/recipient-lists.ts';
import type { RecipientLists } from '../../test/support/recipient-lists.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

function iso2022jp(text: string): Uint8Array {
  return Uint8Array.from(
    encodingJapanese.convert(encodingJapanese.stringToCode(text), { to: 'JIS', from: 'UNICODE' }),
  );
}

const bom =
  (...bytes: number[]) =>
  (encoded: Uint8Array): Buffer =>
    Buffer.concat([Uint8Array.from(bytes), encoded]);

type Writing = {
  readonly name: string;
  readonly detected: string;
  readonly encode: (text: string) => Uint8Array;
};
const writings: readonly Writing[] = [
  { name: 'UTF-8', detected: 'utf-8', encode: (text) => Buffer.from(text) },
  { name: 'UTF-8 with BOM', detected: 'utf-8', encode: (text) => bom(0xef, 0xbb, 0xbf)(Buffer.from(text)) },
  {
    name: 'UTF-16LE with BOM',
    detected: 'utf-16le',
    encode: (text) => bom(0xff, 0xfe)(iconv.encode(text, 'utf-16le')),
  },
  { name: 'UTF-16LE', detected: 'utf-16le', encode: (text) => iconv.encode(text, 'utf-16le') },
  {
    name: 'UTF-16BE with BOM',
    detected: 'utf-16be',
    encode: (text) => bom(0xfe, 0xff)(iconv.encode(text, 'utf-16be')),
  },
  { name: 'UTF-16BE', detected: 'utf-16be', encode: (text) => iconv.encode(text, 'utf-16be') },
  { name: 'CP932', detected: 'cp932', encode: (text) => iconv.encode(text, 'cp932') },
  { name: 'EUC-JP', detected: 'euc-jp', encode: (text) => iconv.encode(text, 'eucjp') },
  { name: 'ISO-2022-JP', detected: 'iso-2022-jp', encode: iso2022jp },
];

/** Characters outside JIS X 0208 that names and companies have: IBM and NEC extensions, half-width katakana. */
const tricky = '髙﨑㈱①ｶﾅ';
const withExtensions = writings.filter(({ detected }) => detected !== 'iso-2022-jp');

describe.each(writings)('$name', ({ detected, encode }) => {
  test('is detected, header and cells alike, at any chunk size', async () => {
    const content = encode(
      'メールアドレス,名前\r\ntaro@example.jp,山田太郎\r\nhanako@example.jp,表示ソ能～\r\n',
    );
    for (const chunkBytes of [1, 2, 3, 5, 65_536]) {
      const list = await lists.read(content, { chunkBytes });
      expect(list.encoding).toBe(detected);
      expect(list.people.map((person) => person.variables['名前'])).toEqual(['山田太郎', '表示ソ能～']);
      expect(list.columns).toEqual(['メールアドレス', '名前']);
    }
  });

  test('is detected when the first Japanese character comes after more than 1 MB of ASCII', async () => {
    const rows = Array.from({ length: 50_000 }, (_, index) => `user${index}@example.jp,name ${index}`);
    const list = await lists.read(encode(`email,name\n${rows.join('\n')}\nlast@example.jp,山田さくら\n`));
    expect(list.encoding).toBe(detected);
    expect(list.accepted).toBe(50_001);
    expect(list.people.at(-1)?.variables['name']).toBe('山田さくら');
  });

  test('full-width addresses are read', async () => {
    const list = await lists.read(encode('email,名前\nｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ,太郎\n'));
    expect(list.people[0]?.address).toBe('taro@example.jp');
  });
});

test.each(withExtensions)('$name keeps 髙﨑㈱①ｶﾅ', async ({ detected, encode }) => {
  for (const chunkBytes of [1, 65_536]) {
    const list = await lists.read(encode(`email,name,kana\na@x.jp,${tricky}様,山田さくら\n`), { chunkBytes });
    expect(list.encoding).toBe(detected);
    expect(list.people[0]?.variables['name']).toBe(`${tricky}様`);
  }
});

test('CP932 of half-width katakana alone is not taken for EUC-JP', async () => {
  const list = await lists.read(iconv.encode('email,name\na@x.jp,ﾔﾏﾀﾞ ﾀﾛｳ\nb@x.jp,ｻﾄｳ ﾊﾅｺ\n', 'cp932'));
  expect(list).toMatchObject({ encoding: 'cp932', accepted: 2 });
  expect(list.people[1]?.variables['name']).toBe('ｻﾄｳ ﾊﾅｺ');
});

test.each(['田中', '高橋', '佐藤', '鈴木一郎', '渡邊', 'ヤマダ'])('EUC-JP of %s alone', async (name) => {
  const list = await lists.read(iconv.encode(`email,name\na@x.jp,${name}\n`, 'eucjp'));
  expect(list.people[0]?.variables['name']).toBe(name);
});

test.each(['田中', '高橋', '佐藤', '鈴木一郎', '渡邊', 'ヤマダ', '髙橋', '﨑'])(
  'CP932 of %s alone',
  async (name) => {
    const list = await lists.read(iconv.encode(`email,name\na@x.jp,${name}\n`, 'cp932'));
    expect(list.people[0]?.variables['name']).toBe(name);
  },
);

describe('bytes that cannot be decoded cost their row only', () => {
  test('in UTF-8, wherever they stand', async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `u${index}@x.jp,山田`);
    const before = Buffer.from(`email,name\n${rows.join('\n')}\nbad@x.jp,`);
    const content = Buffer.concat([before, Buffer.from([0xe5, 0xb1]), Buffer.from('\nlast@x.jp,花子\n')]);
    for (const chunkBytes of [61, 4096, 65_536]) {
      const list = await lists.read(content, { chunkBytes });
      expect(list.encoding).toBe('utf-8');
      expect(outline(list.rejects)).toEqual(['2002 undecodable']);
      expect(list.people.at(-1)?.variables['name']).toBe('花子');
    }
  });

  test('in CP932', async () => {
    const content = Buffer.concat([
      iconv.encode('email,名前\na@x.jp,山田太郎\nb@x.jp,', 'cp932'),
      Buffer.from([0x83]), // a lead byte right before the line's end
      iconv.encode('\nc@x.jp,佐藤花子\nd@x.jp,', 'cp932'),
      Buffer.from([0xf0, 0x40]), // gaiji: only its writer's machine can show it
      iconv.encode('\ne@x.jp,鈴木\n', 'cp932'),
    ]);
    const list = await lists.read(content);
    expect(list.encoding).toBe('cp932');
    expect(outline(list.rejects)).toEqual(['3 undecodable', '5 undecodable']);
    expect(list.people.map((person) => person.line)).toEqual([2, 4, 6]);
  });

  test('Latin-1 is not sent out as Japanese: its rows are refused', async () => {
    const list = await lists.read(
      Buffer.from('email,name\na@x.jp,Hélène\nb@x.jp,José\nc@x.jp,Ann\n', 'latin1'),
    );
    expect(outline(list.rejects)).toEqual(['2 undecodable', '3 undecodable']);
    expect(list.accepted).toBe(1);
  });

  test('NUL within a text file', async () => {
    const filler = Array.from({ length: 100 }, (_, index) => `u${index}@x.jp,name`).join('\n');
    const list = await lists.read(`email,name\n${filler}\na@x.jp,A\0B\n`);
    expect(outline(list.rejects)).toEqual(['102 undecodable']);
  });

  test('UTF-16 cut in the middle of a character', async () => {
    const whole = iconv.encode('email,名\na@x.jp,山\nb@x.jp,花', 'utf-16le');
    const list = await lists.read(whole.subarray(0, -1));
    expect(outline(list.rejects)).toEqual(['3 undecodable']);
  });
});

test('the detection can be overridden', async () => {
  const list = await lists.read(iconv.encode('email,name\na@x.jp,山本\n', 'eucjp'), { encoding: 'euc-jp' });
  expect(list.people[0]?.variables['name']).toBe('山本');
});

test('Japanese text of any shape survives every encoding that holds it', async () => {
  const kana = 'あいうえおかきくけこアイウエオヤマダタロウ山田佐藤鈴木高橋渡辺伊藤東京大阪様。、ー・';
  const name = fc.string({ unit: fc.constantFrom(...Array.from(kana)), minLength: 6, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...writings),
      fc.array(name, { minLength: 3 }),
      fc.integer({ min: 1, max: 9 }),
      async (...[writing, names, chunkBytes]) => {
        const rows = names.map((text, index) => `${hash('md5', text).slice(0, 8)}-${index}@x.jp,${text}`);
        const list = await lists.read(writing.encode(`email,名前\n${rows.join('\n')}\n`), { chunkBytes });
        expect([writing.name, list.encoding]).toEqual([writing.name, writing.detected]);
        expect(list.people.map((person) => person.variables['名前'])).toEqual(names);
      },
    ),
    { numRuns: 60 },
  );
});
