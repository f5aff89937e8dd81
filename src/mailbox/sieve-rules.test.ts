import { describe, expect, test } from 'vitest';
import { effectsOn } from './sieve-rules.ts';

const sender = 'news@shop.example';

describe('what a script does with the mail of a sender', () => {
  test.each([
    ['if address :is "from" "news@shop.example" { fileinto "Shop"; }', 'fileinto Shop'],
    [
      'if address :domain :is ["From", "Sender"] ["x.example", "shop.example"] { discard; stop; }',
      'discard ',
    ],
    ['if header :contains "from" "shop" { fileinto :create "A"; stop; fileinto "B"; }', 'fileinto A'],
    ['if envelope :matches "from" "*@shop.*" { redirect "me@else.example"; }', 'redirect me@else.example'],
    ['if anyof (header :is "subject" "x", address :localpart "from" "news") { fileinto "A"; }', 'fileinto A'],
    [
      'if allof (header :is "subject" "x", address :localpart "from" "news") { fileinto "A"; }',
      'fileinto A?',
    ],
    ['if not address :is "from" "boss@x.example" { fileinto "Later"; }', 'fileinto Later'],
    ['if address "from" "boss@x.example" { keep; } else { fileinto "Rest"; }', ''],
    ['if header :contains "subject" "sale" { discard; }', ''],
    ['if address "from" "other@shop.example" { discard; }', ''],
    ['# if address "from" "news@shop.example" { discard; }\nkeep;', ''],
    [
      'require ["reject"]; if address :contains "from" "shop" { reject text:\nno "thanks" {\n.\n; }',
      'reject ',
    ],
    ['if address "from" "news@shop.example" { stop; } if header :contains "from" "shop" { discard; }', ''],
    [
      'if header :contains "subject" "sale" { if address "from" "news@shop.example" { discard; } }',
      'discard ?',
    ],
    ['keep; stop; if header :contains "from" "shop" { discard; }', ''],
  ])('%s', (script, expected) => {
    const effects = effectsOn(sender, `require ["fileinto"];\r\n${script}`);
    expect(effects?.map(({ action, to, certain }) => `${action} ${to}${certain ? '' : '?'}`).join()).toBe(
      expected,
    );
  });

  test('a script that cannot be read is no answer', () => {
    expect(effectsOn(sender, 'if address { fileinto ')).toBeNull();
    expect(effectsOn(sender, '{'.repeat(10_000))).toBeNull();
    expect(effectsOn(sender, `if ${'not '.repeat(5_000)} true { discard; }`)).toBeNull();
  });

  test('a pattern made to be slow is not', () => {
    const script = `if address :matches "from" "${'*a'.repeat(200)}b" { discard; }`;
    expect(effectsOn(`${'a'.repeat(2_000)}@x.example`, script)).toEqual([]);
  });
});
