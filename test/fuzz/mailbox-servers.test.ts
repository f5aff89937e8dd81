import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectsOn } from '../../src/mailbox/sieve-rules.ts';
import { readAutoconfig } from '../../src/mailbox/autoconfig.ts';
import { limits, look } from '../findings/mailbox-worlds.ts';

const pieces = fc.constantFrom(
  '* OK ',
  '+OK ',
  '220-',
  '220 ',
  '250-STARTTLS',
  '250 AUTH ',
  'STLS',
  '* CAPABILITY STARTTLS',
  'a1 OK',
  'a2 OK',
  '.',
  '\n',
  '\r',
  '\0',
  '{99999999}',
  '******',
  'é',
);
const babble = fc
  .array(fc.oneof(pieces, fc.string({ maxLength: 20 })), { maxLength: 20 })
  .map((parts) => parts.join(''));

describe('servers that say anything', () => {
  test.each(['imap', 'pop', 'smtp'] as const)('%s: the check ends with a finding', async (protocol) => {
    await fc.assert(
      fc.asyncProperty(babble, babble, async (greeting, more) => {
        const found = await look({
          [protocol]: {
            tls: 'none',
            // Whole, so that nobody waits for more of it.
            greeting: `${greeting}\n220 end`,
            talk: () => () => ({ text: more, next: 'end' }),
          },
          question: { password: null },
          passing: [limits.tlsMs],
        });
        expect(found.length).toBeGreaterThan(0);
      }),
      { numRuns: 25 },
    );
  });

  test('a line without an end is cut off', async () => {
    const [found] = await look({ smtp: { tls: 'none', greeting: '2'.repeat(900_000) } });
    expect(found).toMatchObject({ id: 'mailbox.greeting-closed', evidence: 'flood' });
  });

  test('an answer of endless lines is cut off', async () => {
    const endless = '250-more\n'.repeat(20_000);
    const [found] = await look({ smtp: { tls: 'none', talk: () => () => endless } });
    expect(found).toMatchObject({ id: 'mailbox.answers-stop', evidence: 'smtp: flood' });
  });
});

test('any script is read or is not, in a moment', () => {
  const words = fc.constantFrom(
    'if',
    'address',
    ':is',
    '"from"',
    '"x@y"',
    '{',
    '}',
    ';',
    '[',
    ']',
    '(',
    ')',
    ',',
    'not',
    'allof',
    'discard',
    'text:\n',
    '#',
    '/*',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, fc.string({ maxLength: 5 })), { maxLength: 200 }), (parts) => {
      const effects = effectsOn('x@y', parts.join(' '));
      expect(effects === null || Array.isArray(effects)).toBe(true);
    }),
  );
});

test('any settings file is read or is not', () => {
  const tags = fc.constantFrom(
    '<clientConfig>',
    '</clientConfig>',
    '<emailProvider>',
    '<incomingServer type="imap">',
    '<hostname>',
    '&a;',
    '<![CDATA[',
    ']]>',
    '<!DOCTYPE',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(tags, fc.string({ maxLength: 9 })), { maxLength: 60 }), (parts) => {
      const read = readAutoconfig(parts.join(''), 'x.test');
      expect(read === null || read.services.length > 0).toBe(true);
    }),
  );
});
