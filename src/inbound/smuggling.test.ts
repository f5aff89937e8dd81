import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { smuggles } from './smuggling.ts';

it.each(['a\n.\nb', 'a\n.\r\nb', 'a\r.\r\nb', 'a\r\n.\nb', 'a\r\n.\rb', 'a\r.\rb', 'a\r\n.\r\r\nb'])(
  'finds %j',
  (text) => {
    expect(smuggles(Buffer.from(text))).toBe(true);
  },
);

it.each(['', '.', 'a.b\r\n', 'a\r\n.\r\nb', '\r\n..\r\n', 'a\nb.\n', '.\r\n', 'v1.\n2', 'a\r\n. \r\n'])(
  'lets %j pass',
  (text) => {
    expect(smuggles(Buffer.from(text))).toBe(false);
  },
);

it('says what an expression says that nobody would run over 10 MB', () => {
  const piece = fc.constantFrom('\r', '\n', '.', '\r\n', 'x');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const lines = [...text.matchAll(/(?<=(\r\n|\r|\n))\.(?=(\r\n|\r|\n))/g)];
      const expected = lines.some((match) => {
        const opens = text.slice(0, match.index).endsWith('\r\n');
        const closes = text.slice(match.index + 1).startsWith('\r\n');
        return !opens || !closes;
      });
      expect(smuggles(Buffer.from(text))).toBe(expected);
    }),
    { numRuns: 1000 },
  );
});
