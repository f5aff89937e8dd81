import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPath, splitAddress } from './path.ts';

describe('formatPath', () => {
  it.each([
    ['taro', 'example.jp', '<taro@example.jp>'],
    ['taro+news', 'example.jp', '<taro+news@example.jp>'],
    ["o'neil", 'sub.example.jp', "<o'neil@sub.example.jp>"],
    ['a..b', 'docomo.ne.jp', '<"a..b"@docomo.ne.jp>'],
    ['a.', 'docomo.ne.jp', '<"a."@docomo.ne.jp>'],
    ['.a', 'ezweb.ne.jp', '<".a"@ezweb.ne.jp>'],
    ['a b', 'example.jp', '<"a b"@example.jp>'],
    ['a"b\\c', 'example.jp', '<"a\\"b\\\\c"@example.jp>'],
    ['a@b', 'example.jp', '<"a@b"@example.jp>'],
    ['太郎', 'xn--wgv71a.jp', '<太郎@xn--wgv71a.jp>'],
    ['x', '[127.0.0.1]', '<x@[127.0.0.1]>'],
    ['x', '[IPv6:::1]', '<x@[IPv6:::1]>'],
    ['x', 'under_score.example', '<x@under_score.example>'],
  ])('writes %j at %j', (localPart, domain, path) => {
    expect(formatPath(localPart, domain)).toBe(path);
  });

  it.each([
    ['a\r\nRCPT TO:<b@c>', 'example.jp'],
    ['a\0', 'example.jp'],
    ['a\u0085b', 'example.jp'],
    ['a\ud800', 'example.jp'],
    ['', 'example.jp'],
    ['a', ''],
    ['a', 'example.jp>\r\nDATA'],
    ['a', 'exa mple.jp'],
    ['a', '日本.jp'],
    ['a', '[127.0.0.1]]'],
    ['a', '-example.jp'],
    ['a'.repeat(401), 'example.jp'],
    ['a', `${'a'.repeat(63)}.`.repeat(5)],
  ])('refuses %j at %j', (localPart, domain) => {
    expect(formatPath(localPart, domain)).toBeNull();
  });

  it('never gives anything that could end the line or the path', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string());
    fc.assert(
      fc.property(text, text, (localPart, domain) => {
        const path = formatPath(localPart, domain);
        if (path === null) return;
        // oxlint-disable-next-line no-control-regex -- control characters are what must not be there
        expect(path).not.toMatch(/[\u0000-\u001f\u007f]/);
        // Outside quotes there is neither a space nor a second bracket.
        const bare = path.replace(/"(?:[^"\\]|\\.)*"/g, '');
        expect(bare).toMatch(/^<[^ <>"]*@[^ <>"@]+>$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('splitAddress', () => {
  it('splits at the last @', () => {
    expect(splitAddress('a@b@example.jp')).toEqual({ localPart: 'a@b', domain: 'example.jp' });
    expect(splitAddress('a..b@docomo.ne.jp')).toEqual({ localPart: 'a..b', domain: 'docomo.ne.jp' });
  });

  it.each(['', 'nobody', '@example.jp', 'a@'])('finds none in %j', (text) => {
    expect(splitAddress(text)).toBeNull();
  });
});
