import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addresses, outline, recipientLists } from '../../test/support/recipient-lists.ts';
import type { ImportedList, RecipientLists } from '../../test/support/recipient-lists.ts';
import type { ImportOptions } from './index.ts';

let lists: RecipientLists;
beforeAll(async () => {
  lists = await recipientLists();
});
afterAll(() => lists[Symbol.asyncDispose]());

const read = (content: string | Uint8Array, options?: ImportOptions): Promise<ImportedList> =>
  lists.read(content, options);

type Broken = {
  readonly what: string;
  readonly first: string;
  readonly others: readonly string[];
  readonly broken: readonly number[];
  readonly sound: readonly number[];
};

describe('broken quoting costs the line it begins on', () => {
  const rest = ['b@x.jp,B', 'c@x.jp,C', 'd@x.jp,D'];
  const quoted = ['"b@x.jp","B"', '"c@x.jp","C"', '"d@x.jp","D"'];

  const cases: readonly Broken[] = [
    { what: 'never closed', first: 'a@x.jp,"A', others: rest, broken: [2], sound: [3, 4, 5] },
    { what: 'never closed, first cell', first: '"a@x.jp,A', others: rest, broken: [2], sound: [3, 4, 5] },
    {
      what: 'closed by the quote of a later row',
      first: 'a@x.jp,"A',
      others: ['b@x.jp,B', 'c@x.jp,"C"', 'd@x.jp,D'],
      broken: [2],
      sound: [3, 4, 5],
    },
    {
      what: 'closed by an empty cell of a later row',
      first: 'a@x.jp,"A',
      others: ['b@x.jp,B', 'c@x.jp,""', 'd@x.jp,D'],
      broken: [2],
      sound: [3, 4, 5],
    },
    {
      what: 'closed by a stray quote at an end',
      first: 'a@x.jp,"A',
      others: ['b@x.jp,B"', 'c@x.jp,C', 'd@x.jp,D'],
      broken: [2, 3],
      sound: [4, 5],
    },
    {
      what: 'text after the closing quote',
      first: 'a@x.jp,"A"B',
      others: rest,
      broken: [2],
      sound: [3, 4, 5],
    },
    { what: 'quote in the middle', first: 'a@x.jp,A"B"', others: rest, broken: [2], sound: [3, 4, 5] },
    { what: 'a space before the quote', first: 'a@x.jp, "A"', others: rest, broken: [2], sound: [3, 4, 5] },
    { what: 'one stray quote as a row', first: '"', others: rest, broken: [2], sound: [3, 4, 5] },
    {
      what: 'twice',
      first: 'a@x.jp,"A',
      others: ['b@x.jp,"B', 'c@x.jp,C', 'd@x.jp,D'],
      broken: [2, 3],
      sound: [4, 5],
    },
    {
      what: 'the last row',
      first: 'a@x.jp,A',
      others: ['b@x.jp,B', 'c@x.jp,C', 'd@x.jp,"D'],
      broken: [5],
      sound: [2, 3, 4],
    },
    { what: 'in a fully quoted list', first: '"a@x.jp","A', others: quoted, broken: [2], sound: [3, 4, 5] },
    {
      what: 'a closing quote lost before a comma',
      first: '"a@x.jp,"A"',
      others: quoted,
      broken: [2],
      sound: [3, 4, 5],
    },
    { what: 'an opening quote lost', first: 'a@x.jp","A"', others: quoted, broken: [2], sound: [3, 4, 5] },
  ];
  test.each(cases)('$what', async ({ first, others, broken, sound }) => {
    for (const end of ['\n', '\r\n', '\r']) {
      for (const chunkBytes of [3, 65_536]) {
        const list = await read(['email,name', first, ...others].join(end) + end, { chunkBytes });
        expect(outline(list.rejects)).toEqual(broken.map((line) => `${line} broken-quoting`));
        expect(list.people.map((person) => person.line)).toEqual(sound);
        expect(list.rejects[0]?.text).toBe([first, ...others][(broken[0] ?? 0) - 2]);
      }
    }
  });

  test('100,000 rows after an unclosed quote are all imported', async () => {
    const rows = Array.from({ length: 100_000 }, (_, index) => `u${index}@x.jp,N`);
    const list = await read(`email,name\na@x.jp,"A\n${rows.join('\n')}\n`);
    expect(outline(list.rejects)).toEqual(['2 broken-quoting']);
    expect(list.accepted).toBe(100_000);
  });

  test('a quote that stays open beyond the limit is given up, nothing after it lost', async () => {
    const prose = Array.from({ length: 3000 }, () => 'a line of a letter that somebody pasted').join('\n');
    const list = await read(`email,name\na@x.jp,"A\n${prose}\nb@x.jp,B\n`);
    expect(list.rejects[0]).toMatchObject({ line: 2, code: 'broken-quoting' });
    expect(addresses(list.people)).toEqual(['3003 b@x.jp']);
    expect(list.rows).toBe(3002);
  });

  test('a cell of several lines that is sound stays whole', async () => {
    const list = await read('email,note\na@x.jp,"write to b@x.jp,\nthen c@x.jp"\nd@x.jp,1\n');
    expect(list.people.map((person) => person.variables['note'])).toEqual([
      'write to b@x.jp,\nthen c@x.jp',
      '1',
    ]);
  });
});
