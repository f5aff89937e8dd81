import fc from 'fast-check';
import { expect, test } from 'vitest';
import { newCampaignName } from './campaign-name.ts';
import { messageIdHeader, parseMessageIdHeader } from './message-key.ts';

test('a Message-ID leads back to its message', () => {
  const id = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(
      id,
      fc.integer({ min: 0, max: 4e12 }),
      fc.noShrink(fc.float({ min: 0, max: Math.fround(0.99), noNaN: true })),
      (messageId, nowMs, chance) => {
        const key = { campaign: newCampaignName(nowMs, () => chance), messageId };
        const header = messageIdHeader(key, 'news.example.jp');
        expect(parseMessageIdHeader(header)).toEqual(key);
        expect(parseMessageIdHeader(header.slice(1, -1).toUpperCase())).toEqual(key);
      },
    ),
  );
});

test.each([
  '',
  'a@example.jp',
  '<c-123.4@example.jp>',
  '<x>',
  'c-01jd3q9k2v-7xw4m',
  '<c-01jd3q9k2v-7xw4m.zz zz@x>',
])('is not taken for ours: %s', (text) => {
  expect(parseMessageIdHeader(text)).toBeNull();
});

test('campaign names sort by time', () => {
  const names = [0, 1, 31, 32, 1_700_000_000_000, 1_700_000_000_001].map((ms) =>
    newCampaignName(ms, () => 0.5),
  );
  expect(names.toSorted()).toEqual(names);
  expect(new Set(names).size).toBe(names.length);
});
