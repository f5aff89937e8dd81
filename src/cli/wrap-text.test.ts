import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { displayWidth } from './display-width.ts';
import { wrapText } from './wrap-text.ts';

const plain = { first: '', rest: '' };

test('breaks at blanks, and indents what follows', () => {
  expect(wrapText('one two three four', { columns: 9, first: '- ', rest: '  ' })).toBe(
    '- one two\n  three\n  four',
  );
});

test('breaks Japanese between characters, which take two columns', () => {
  expect(wrapText('宛先のアドレスが存在しません', { ...plain, columns: 10 })).toBe(
    '宛先のアド\nレスが存在\nしません',
  );
});

test('begins no line with a full stop and ends none with an opening bracket', () => {
  expect(wrapText('あいうえお。', { ...plain, columns: 10 })).toBe('あいうえ\nお。');
  expect(wrapText('あいうえ「お」', { ...plain, columns: 10 })).toBe('あいうえ\n「お」');
});

test('leaves a word that is longer than a line whole, so that it can be copied', () => {
  const link = 'https://www.example.org/a/long/path';
  expect(wrapText(`see ${link} please`, { ...plain, columns: 12 })).toBe(`see\n${link}\nplease`);
});

test('loses nothing but blanks, and is too wide only where one word is', () => {
  const words = fc.array(fc.constantFrom('mail', '届く', 'x', '（送信者）', 'a.b@example.jp', '。'), {
    maxLength: 30,
  });
  fc.assert(
    fc.property(words, fc.integer({ min: 16, max: 60 }), (parts, columns) => {
      const text = parts.join(' ');
      const wrapped = wrapText(text, { columns, first: '', rest: '  ' });
      expect(wrapped.replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''));
      for (const line of wrapped.split('\n')) expect(displayWidth(line)).toBeLessThanOrEqual(columns + 2);
    }),
  );
});
