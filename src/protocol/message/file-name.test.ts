import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeFileName } from './index.ts';

it.each([
  ['請求書.pdf', '請求書.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\a.exe', 'a.exe'],
  ['..', 'attachment'],
  ['', 'attachment'],
  ['/', 'attachment'],
  ['.htaccess', 'htaccess'],
  ['a\0b.pdf', 'ab.pdf'],
  ['photo\u202Egpj.exe', 'photogpj.exe'],
  ['a\r\nB: c.pdf', 'a B_ c.pdf'],
  ['a.exe. ', 'a.exe'],
  ['a"b<c>|?*.txt', 'a_b_c____.txt'],
  ['か\u3099.txt', 'が.txt'],
  ['\ud800.txt', '\ufffd.txt'],
])('%j is given as %j', (given, safe) => {
  expect(safeFileName(given)).toBe(safe);
});

it('is cut to 255 octets with its extension kept', () => {
  const name = safeFileName(`${'請'.repeat(300)}.pdf`);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name.endsWith('請.pdf')).toBe(true);
});

it('is never a path, hidden, empty or longer than a file system takes, and is the same when asked again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (given) => {
      const name = safeFileName(given);
      // oxlint-disable-next-line no-control-regex -- they must not be there
      expect(/[/\\\u0000-\u001f\u202a-\u202e\u2066-\u2069]|^\.|\.$/.test(name)).toBe(false);
      expect(Buffer.byteLength(name)).toBeGreaterThan(0);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
      expect(safeFileName(name)).toBe(name);
    }),
    { numRuns: 2_000 },
  );
});
