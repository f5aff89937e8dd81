import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';

describe('displayWidth', () => {
  it.each([
    ['abc', 3],
    ['', 0],
    ['届く', 4],
    ['ﾊﾝｶｸ', 4],
    ['ＡＢ', 4],
    ['か\u3099', 2], // a combining dakuten is drawn onto the kana
    ['한글', 4],
    ['𠮷野家', 6],
    ['é…—', 3],
    ['📧', 2],
    ['a\u200bb', 2],
  ])('%j takes %i columns', (text, width) => {
    expect(displayWidth(text)).toBe(width);
  });
});

describe('cutToWidth and padToWidth', () => {
  it('cuts between characters, never through a wide one', () => {
    expect(cutToWidth('届かない', 8)).toBe('届かない');
    expect(cutToWidth('届かない', 7)).toBe('届かな…');
    expect(cutToWidth('届かない', 6)).toBe('届か…');
    expect(cutToWidth('abc', 0)).toBe('');
  });

  it('fills up to exactly the columns asked for, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 40 }), (text, columns) => {
        expect(displayWidth(padToWidth(cutToWidth(text, columns), columns))).toBe(columns);
        expect(displayWidth(padToWidth(cutToWidth(text, columns), columns, 'right'))).toBe(columns);
      }),
    );
  });
});
