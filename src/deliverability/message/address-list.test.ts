import { expect, test } from 'vitest';
import { readAddressList } from './address-list.ts';

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['a@b.example', ['|a@b.example|b.example']],
  ['"Doe, John" <j@B.example>', ['Doe, John|j@B.example|b.example']],
  ['a@b.example (comment, with comma), c@d.example', ['|a@b.example|b.example', '|c@d.example|d.example']],
  ['Friends: a@b.example, c@d.example;', ['|a@b.example|b.example', '|c@d.example|d.example']],
  [String.raw`"say \"hi\"" <a@b.example>`, ['say "hi"|a@b.example|b.example']],
  ['Shop', ['|Shop|']],
  ['', []],
];

test.each(cases)('%j', (value, expected) => {
  const read = readAddressList(value).map(({ name, address, domain }) => `${name}|${address}|${domain}`);
  expect(read).toEqual(expected);
});
