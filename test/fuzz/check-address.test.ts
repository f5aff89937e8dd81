import fc from 'fast-check';
import { expect, test } from 'vitest';
import { realDomains, slips } from '../findings/address-samples.ts';
import { facts, look } from '../findings/address-worlds.ts';

const letters = fc.constantFrom(
  '@',
  '＠',
  '.',
  '。',
  ',',
  ' ',
  'ー',
  '‐',
  'а',
  'xn--',
  'í',
  '"',
  '\0',
  '{meant}',
  'gmail',
  'docomo',
  'co',
  'jp',
  'ne',
  'com',
);
const domain = fc.constantFrom(...Object.keys(slips), ...realDomains, ...facts.known);
const written = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2_000 }),
  fc.array(letters, { maxLength: 40 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.array(letters, { maxLength: 5 }), domain, fc.string({ maxLength: 3 }))
    .map(([local, host, end]) => `${local.join('')}@${host}${end}`),
);

test('whatever is written has an answer, short enough to show, and what is in order has no fault', async () => {
  await fc.assert(
    fc.asyncProperty(written, async (text) => {
      const found = await look(text);
      expect(found.length).toBeGreaterThan(0);
      for (const { subject, evidence } of found) expect(subject.length + evidence.length).toBeLessThan(1_000);
      const ids = found.map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
      if (ids.includes('address.good')) expect(ids).toEqual(['address.good']);
    }),
    { numRuns: 3_000 },
  );
});

test('a page in the place of an address is shown cut', async () => {
  for (const text of ['x'.repeat(100_000), `${' '.repeat(900)}ｘ＠gmail.com`, `а@${'b'.repeat(5_000)}.com`])
    for (const { subject, evidence } of await look(text))
      expect(subject.length + evidence.length).toBeLessThan(1_000);
});

test('one letter more, less or other in the domain of a provider never leads to that same domain', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...facts.known),
      fc.nat(20),
      fc.constantFrom(...Array.from('abcdefghijklmnopqrstuvwxyz')),
      async (host, at, letter) => {
        const changed = host.slice(0, at) + letter + host.slice(at + 1);
        const found = (await look(`taro@${changed}`)).find(({ id }) => id === 'address.mistyped-domain');
        if (found !== undefined) expect(found.advice.en.meaning.startsWith(`taro@${changed} `)).toBe(false);
      },
    ),
    { numRuns: 2_000 },
  );
});
