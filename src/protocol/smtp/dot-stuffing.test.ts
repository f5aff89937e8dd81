import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endsWithLineEnd, stuffDots } from './dot-stuffing.ts';

describe('stuffDots', () => {
  it.each([
    ['', ''],
    ['.', '..'],
    ['a.b\r\n', 'a.b\r\n'],
    ['.a\r\n', '..a\r\n'],
    ['a\r\n.\r\n', 'a\r\n..\r\n'],
    ['..\r\n..\r\n', '...\r\n...\r\n'],
    ['a\r\n.b\r\nc.\r\n.d', 'a\r\n..b\r\nc.\r\n..d'],
  ])('turns %j into %j', (body, stuffed) => {
    expect(stuffDots(Buffer.from(body)).toString()).toBe(stuffed);
  });

  it('gives the body itself when there is nothing to do', () => {
    const body = Buffer.from('plain\r\n');
    expect(stuffDots(body)).toBe(body);
  });

  it('is undone by taking one dot from each line that starts with one', () => {
    const lines = fc.array(fc.constantFrom('.', '..', 'a', '', '.a', 'a.'));
    fc.assert(
      fc.property(lines, (parts) => {
        const body = parts.join('\r\n');
        const received = stuffDots(Buffer.from(body)).toString().split('\r\n');
        expect(received.map((line) => (line.startsWith('.') ? line.slice(1) : line)).join('\r\n')).toBe(body);
        expect(received).not.toContain('.');
      }),
    );
  });
});

describe('endsWithLineEnd', () => {
  it.each([
    ['', true],
    ['a\r\n', true],
    ['a\n', false],
    ['a', false],
    ['a\r', false],
  ])('%j: %j', (body, yes) => {
    expect(endsWithLineEnd(Buffer.from(body))).toBe(yes);
  });
});
