import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AddressFault } from './address-fault.ts';
import { normaliseAddress } from './address.ts';
import { suppressionKey } from './suppression.ts';

type Flag = 'changed' | 'legacy' | 'utf8';

const long = (count: number): string => 'a'.repeat(count);

/** Written form, normalised form, flags. */
const good: readonly (readonly [written: string, text: string, ...flags: Flag[]])[] = [
  // as it should be
  ['taro@example.jp', 'taro@example.jp'],
  ['Taro.Yamada@example.jp', 'Taro.Yamada@example.jp'],
  ['taro+news@example.co.jp', 'taro+news@example.co.jp'],
  ["!#$%&'*+/=?^_`{|}~-@example.jp", "!#$%&'*+/=?^_`{|}~-@example.jp"],
  ["o'brien@example.ie", "o'brien@example.ie"],
  ['1@2.3com', '1@2.3com'],
  ['-taro-@example.jp', '-taro-@example.jp'],
  [`${long(64)}@example.jp`, `${long(64)}@example.jp`],
  ['a@b.c', 'a@b.c'],
  ['taro@mail_1.example.jp', 'taro@mail_1.example.jp'],
  ['taro@r3---sn.example.jp', 'taro@r3---sn.example.jp'],
  [`a@${long(63)}.jp`, `a@${long(63)}.jp`],
  // case
  ['TARO@EXAMPLE.JP', 'TARO@example.jp'],
  ['Taro@Example.Jp', 'Taro@example.jp'],
  // full-width
  ['ｔａｒｏ＠ｅｘａｍｐｌｅ．ｊｐ', 'taro@example.jp', 'changed'],
  ['ＴＡＲＯ１２３＠example.jp', 'TARO123@example.jp', 'changed'],
  ['taro＠example.jp', 'taro@example.jp', 'changed'],
  ['taro﹫example.jp', 'taro@example.jp', 'changed'],
  ['taro＿yamada＠example．co．jp', 'taro_yamada@example.co.jp', 'changed'],
  ['taro－yamada@example.jp', 'taro-yamada@example.jp', 'changed'],
  ['taro−yamada@example.jp', 'taro-yamada@example.jp', 'changed'],
  ['taro@example。jp', 'taro@example.jp', 'changed'],
  ['taro@example｡jp', 'taro@example.jp', 'changed'],
  // around it
  [' taro@example.jp', 'taro@example.jp', 'changed'],
  ['taro@example.jp\t', 'taro@example.jp', 'changed'],
  ['taro@example.jp\r\n', 'taro@example.jp', 'changed'],
  ['　taro@example.jp　', 'taro@example.jp', 'changed'],
  ['\u00A0taro@example.jp', 'taro@example.jp', 'changed'],
  ['\u200Btaro@example.jp\u200B', 'taro@example.jp', 'changed'],
  ['\uFEFFtaro@example.jp', 'taro@example.jp', 'changed'],
  ['\u202Ataro@example.jp\u202C', 'taro@example.jp', 'changed'],
  ['taro　＠　example.jp', 'taro@example.jp', 'changed'],
  ['taro @ example.jp', 'taro@example.jp', 'changed'],
  ['taro@example.jp,', 'taro@example.jp', 'changed'],
  ['taro@example.jp;', 'taro@example.jp', 'changed'],
  ['taro@example.jp；', 'taro@example.jp', 'changed'],
  ['taro@example.jp。', 'taro@example.jp', 'changed'],
  ['taro@example.jp、 ', 'taro@example.jp', 'changed'],
  ['taro@example.jp.', 'taro@example.jp', 'changed'],
  // copied from mail programs
  ['<taro@example.jp>', 'taro@example.jp', 'changed'],
  ['Taro Yamada <taro@example.jp>', 'taro@example.jp', 'changed'],
  ['"Yamada, Taro" <taro@example.jp>', 'taro@example.jp', 'changed'],
  ['山田太郎＜taro@example.jp＞', 'taro@example.jp', 'changed'],
  ['taro@example.jp <taro@example.jp>;', 'taro@example.jp', 'changed'],
  ['mailto:taro@example.jp', 'taro@example.jp', 'changed'],
  ['MAILTO:taro@example.jp?subject=Hi', 'taro@example.jp', 'changed'],
  ['<mailto:taro%2Bnews@example.jp>', 'taro+news@example.jp', 'changed'],
  // quoted local parts
  ['"taro"@example.jp', 'taro@example.jp'],
  ['"a b"@example.jp', '"a b"@example.jp'],
  ['"a@b"@example.jp', '"a@b"@example.jp'],
  ['"a\\"b"@example.jp', '"a\\"b"@example.jp'],
  ['"a..b"@example.jp', '"a..b"@example.jp'],
  // old carriers
  ['ta..ro@docomo.ne.jp', 'ta..ro@docomo.ne.jp', 'legacy'],
  ['taro.@docomo.ne.jp', 'taro.@docomo.ne.jp', 'legacy'],
  ['.taro@ezweb.ne.jp', '.taro@ezweb.ne.jp', 'legacy'],
  ['-.-..taro...@au.com', '-.-..taro...@au.com', 'legacy'],
  ['taro..@t.vodafone.ne.jp', 'taro..@t.vodafone.ne.jp', 'legacy'],
  ['Taro..@DoCoMo.ne.jp', 'Taro..@docomo.ne.jp', 'legacy'],
  ['"ta..ro."@docomo.ne.jp', 'ta..ro.@docomo.ne.jp', 'legacy'],
  ['"<."@docomo.ne.jp', '"<."@docomo.ne.jp'],
  ['ｔａ．．ｒｏ＠docomo.ne.jp', 'ta..ro@docomo.ne.jp', 'changed', 'legacy'],
  [`${long(60)}..@docomo.ne.jp`, `${long(60)}..@docomo.ne.jp`, 'legacy'],
  ['taro@docomo.ne.jp', 'taro@docomo.ne.jp'],
  // internationalised
  ['taro@日本語.jp', 'taro@xn--wgv71a119e.jp', 'changed'],
  ['taro@日本語。ＪＰ', 'taro@xn--wgv71a119e.jp', 'changed'],
  ['taro@bücher.de', 'taro@xn--bcher-kva.de', 'changed'],
  ['taro@BÜCHER.de', 'taro@xn--bcher-kva.de', 'changed'],
  ['taro@faß.de', 'taro@xn--fa-hia.de', 'changed'],
  ['taro@xn--wgv71a119e.jp', 'taro@xn--wgv71a119e.jp'],
  ['taro@例え.テスト', 'taro@xn--r8jz45g.xn--zckzah', 'changed'],
  ['太郎@example.jp', '太郎@example.jp', 'utf8'],
  ['josé@example.es', 'josé@example.es', 'utf8'],
  ['jose\u0301@example.es', 'josé@example.es', 'changed', 'utf8'],
  ['太郎@日本語.jp', '太郎@xn--wgv71a119e.jp', 'changed', 'utf8'],
];

const bad: readonly (readonly [written: string, code: AddressFault])[] = [
  ['', 'empty'],
  [' 　\u200B', 'empty'],
  [',', 'empty'],
  ['<>', 'empty'],
  ['taro', 'no-at'],
  ['taro.example.jp', 'no-at'],
  ['山田太郎', 'no-at'],
  ['@example.jp', 'missing-local'],
  ['""@example.jp', 'missing-local'],
  ['taro@', 'missing-domain'],
  ['taro@.', 'missing-domain'],
  ['@', 'missing-domain'],
  ['taro@@example.jp', 'two-at'],
  ['taro@example@example.jp', 'two-at'],
  ['taro@example.jp,hanako@example.jp', 'several-addresses'],
  ['taro@example.jp; hanako@example.jp', 'several-addresses'],
  ['taro@example.jp、hanako@example.jp', 'several-addresses'],
  ['taro@example.jp hanako@example.jp', 'several-addresses'],
  ['taro@example.jp <hanako@example.jp>', 'several-addresses'],
  ['taro yamada@example.jp', 'space-inside'],
  ['taro@exam ple.jp', 'space-inside'],
  ['ta　ro@example.jp', 'space-inside'],
  ['taro\u200Byamada@example.jp', 'invisible-character'],
  ['taro@exam\u00ADple.jp', 'invisible-character'],
  ['taro\u0000@example.jp', 'control-character'],
  ['taro\r\nBcc: x@example.jp', 'control-character'],
  ['taro@example.jp\u0007', 'control-character'],
  ['taro@example.jp>\nRCPT TO:<x@example.jp', 'control-character'],
  ['.taro@example.jp', 'leading-dot'],
  ['taro.@example.jp', 'trailing-dot'],
  ['ta..ro@example.jp', 'consecutive-dots'],
  ['ta..ro@gmail.com', 'consecutive-dots'],
  ['ta..ro@softbank.ne.jp', 'consecutive-dots'],
  ['ta..ro@docomo.ne.jp.example.com', 'consecutive-dots'],
  ['ta..ro@notdocomo.ne.jp', 'consecutive-dots'],
  ['ta(ro)@example.jp', 'local-character'],
  ['ta<ro@example.jp', 'local-character'],
  ['ta,ro@example.jp', 'local-character'],
  ['ta:ro@example.jp', 'local-character'],
  ['ta\\ro@example.jp', 'local-character'],
  ['ta"ro@example.jp', 'local-character'],
  ['taro\uE000@example.jp', 'local-character'],
  ['taro\uD83D@example.jp', 'local-character'],
  [`${long(65)}@example.jp`, 'local-too-long'],
  [`${'あ'.repeat(22)}@example.jp`, 'local-too-long'],
  [`${long(61)}..@docomo.ne.jp`, 'local-too-long'],
  ['"taro@example.jp', 'broken-quoted-string'],
  ['"ta"ro@example.jp', 'broken-quoted-string'],
  ['"ta"ro"@example.jp', 'broken-quoted-string'],
  ['taro@[192.0.2.1]', 'ip-literal'],
  ['taro@[IPv6:2001:db8::1]', 'ip-literal'],
  ['taro@192.0.2.1', 'ip-literal'],
  ['taro@example', 'single-label'],
  ['taro@localhost', 'single-label'],
  ['taro@example,jp', 'comma-in-domain'],
  ['taro@example，jp', 'comma-in-domain'],
  ['taro@example..jp', 'empty-label'],
  ['taro@.example.jp', 'empty-label'],
  ['taro@example.jp..', 'empty-label'],
  ['taro@-example.jp', 'label-edge'],
  ['taro@example-.jp', 'label-edge'],
  ['taro@_example.jp', 'label-edge'],
  ['taro@example_.jp', 'label-edge'],
  [`taro@${long(64)}.jp`, 'label-too-long'],
  [`a@${`${long(60)}.`.repeat(5)}jp`, 'domain-too-long'],
  [`${long(64)}@${`${long(60)}.`.repeat(4)}jp`, 'too-long'],
  [`${long(2000)}@example.jp`, 'too-long'],
  ['taro@exam!ple.jp', 'domain-character'],
  ['taro@example.jp/path', 'domain-character'],
  ['taro@example.jp:25', 'domain-character'],
  ['taro@example.jp(comment)', 'domain-character'],
  ['taro@☃.com', 'domain-character'],
  ['taro@example.j_p', 'domain-character'],
  ['taro@example.123', 'numeric-tld'],
  ['taro@xn--zzzz--.jp', 'idna'],
  ['taro@xn--a.jp', 'idna'],
  [`taro@${'日'.repeat(70)}.jp`, 'label-too-long'],
];

const unquoted = (local: string): string =>
  local.startsWith('"') ? local.slice(1, -1).replaceAll('\\', '') : local;

describe('what people write', () => {
  test.each(good.map(([written, text, ...flags]) => ({ written, text, flags })))(
    '$written → $text $flags',
    ({ written, text, flags }) => {
      const found = normaliseAddress(written);
      const at = text.lastIndexOf('@');
      expect(found).toEqual({
        ok: true,
        address: { localPart: unquoted(text.slice(0, at)), domain: text.slice(at + 1) },
        text,
        changed: flags.includes('changed'),
        legacy: flags.includes('legacy'),
        utf8: flags.includes('utf8'),
      });
    },
  );

  test.each(bad.map(([written, code]) => ({ written, code })))(
    '$written is refused: $code',
    ({ written, code }) => {
      const found = normaliseAddress(written);
      expect(found).toMatchObject({ ok: false, code });
      if (found.ok) return;
      expect(found.reason.ja).not.toMatch(/\p{Cc}/u);
      expect(found.reason.en).toMatch(/^[\P{Cc}]+$/u);
    },
  );

  test('the reason names the character at fault', () => {
    const reason = (written: string): string => {
      const found = normaliseAddress(written);
      return found.ok ? 'accepted' : found.reason.en;
    };
    expect(reason('ta(ro@example.jp')).toContain('"(" (U+0028)');
    expect(reason('ta\u200Bro@example.jp')).toContain('U+200B');
    expect(reason('ta\u0000ro@example.jp')).toContain('U+0000');
    expect(reason(`${long(65)}@example.jp`)).toContain('65');
  });
});

describe('properties', () => {
  const texts = [
    'a',
    'Z',
    '9',
    '.',
    '@',
    '＠',
    '．',
    '"',
    '＂',
    '<',
    '>',
    ' ',
    '　',
    '\n',
    ',',
    ';',
    '-',
    '_',
    '[',
    '(',
  ];
  const more = [
    'mailto:',
    '%40',
    'docomo.ne.jp',
    'example.jp',
    'xn--',
    '日',
    'é',
    '。',
    '\u200B',
    '\uD800',
    '\0',
    '\\',
  ];
  const pieces = fc.constantFrom(...texts, ...more);
  const written = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 30 }).map((parts) => parts.join('')),
    // Good ones in the middle of what people put around them.
    fc.tuple(pieces, fc.emailAddress(), pieces).map((parts) => parts.join('')),
    fc.emailAddress(),
  );

  test('any text gives an answer, and a good one keeps every limit of the standards', () => {
    fc.assert(
      fc.property(written, (text) => {
        const found = normaliseAddress(text);
        if (!found.ok) return;
        const { localPart, domain } = found.address;
        expect(found.text).not.toMatch(/\p{Cc}|\p{Cs}/u);
        expect(domain).toMatch(/^(?=.{1,253}$)([a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]+$/);
        expect(Buffer.byteLength(localPart)).toBeLessThanOrEqual(64);
        expect(Buffer.byteLength(found.text)).toBeLessThanOrEqual(254);
      }),
      { numRuns: 5000 },
    );
  });

  test('normalising twice is normalising once', () => {
    fc.assert(
      fc.property(written, (text) => {
        const once = normaliseAddress(text);
        if (!once.ok) return;
        expect(normaliseAddress(once.text)).toEqual({ ...once, changed: false });
      }),
      { numRuns: 5000 },
    );
  });
});

test('the key of an address ignores case and Unicode form, nothing else', () => {
  expect(suppressionKey('Taro@Example.JP')).toBe(suppressionKey('taro@example.jp'));
  expect(suppressionKey('jose\u0301@example.es')).toBe(suppressionKey('JOSÉ@example.es'));
  expect(suppressionKey('ta.ro@gmail.com')).not.toBe(suppressionKey('taro@gmail.com'));
  expect(suppressionKey('taro+news@gmail.com')).not.toBe(suppressionKey('taro@gmail.com'));
});
