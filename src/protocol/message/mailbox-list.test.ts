import fc from 'fast-check';
import { expect, it } from 'vitest';
import { formatAddress } from './address.ts';
import { parseMailboxList } from './mailbox-list.ts';

it.each([
  ['a@example.jp', ['a@example.jp']],
  ['Shop <a@example.jp>', ['Shop|a@example.jp']],
  ['"Doe, J." <j@example.jp>, b@example.jp', ['Doe, J.|j@example.jp', 'b@example.jp']],
  ['お店 <a@例え.jp>', ['お店|a@xn--r8jz45g.jp']],
  ['J. R. Doe <a@example.jp> (home (really))', ['J. R. Doe|a@example.jp']],
  ['(c) a(c)@example.jp', null],
  ['<@relay.example,@b.example:a@example.jp>', ['a@example.jp']],
  ['"a..b"@docomo.ne.jp', ['"a..b"@docomo.ne.jp']],
  ['undisclosed-recipients:;', []],
  ['Team: a@example.jp, B <b@example.jp>;, c@example.jp', ['a@example.jp', 'B|b@example.jp', 'c@example.jp']],
  ['', []],
  [',,a@example.jp,', ['a@example.jp']],
  // What can be read in two ways is not read at all.
  ['boss@bank.example <a@example.jp>', null],
  ['a@example.jp <b@example.jp> <c@example.jp>', null],
  ['<a@example.jp> b@evil.example', null],
  ['a@example.jp b@evil.example', null],
  ['a @example.jp', null],
  ['"unclosed <a@example.jp>', null],
  ['(unclosed a@example.jp', null],
  ['a@example.jp>', null],
  ['<a@example.jp', null],
  ['a@[192.0.2.1]', null],
  ['a@b@example.jp', null],
  ['Team: a@example.jp', null],
  ['a@example.jp;', null],
  ['x: y: a@example.jp;', null],
  ['a\\@example.jp', null],
])('reads %j', (text, expected) => {
  const read = parseMailboxList(text);
  expect(
    read?.map(({ displayName, address }) =>
      displayName === null ? formatAddress(address) : `${displayName}|${formatAddress(address)}`,
    ) ?? null,
  ).toEqual(expected);
});

it('takes any text, and what it reads reads back', () => {
  const piece = fc.constantFrom(
    'a',
    '@',
    'example.jp',
    '<',
    '>',
    '"',
    ',',
    ';',
    ':',
    '(',
    ')',
    ' ',
    '\\',
    '.',
    '例',
    '[',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const read = parseMailboxList(pieces.join(''));
      for (const { address } of read ?? [])
        expect(parseMailboxList(formatAddress(address))).toEqual([{ displayName: null, address }]);
    }),
    { numRuns: 20_000 },
  );
});
