import { expect, test } from 'vitest';
import { parseDeadline, parseSince, parseUntil } from './time-option.ts';

const nowMs = Date.UTC(2026, 0, 15, 12);
const local = (...parts: [number, number, number]): number => new Date(...parts).getTime();
const ask = (text: string) => ({ option: 'since', text, nowMs });

test.each([
  ['7d', nowMs - 7 * 86_400_000, nowMs - 7 * 86_400_000, nowMs + 7 * 86_400_000],
  ['12h', nowMs - 43_200_000, nowMs - 43_200_000, nowMs + 43_200_000],
  ['2026-01-31', local(2026, 0, 31), local(2026, 1, 1), local(2026, 1, 1)],
  ['2026-12-31', local(2026, 11, 31), local(2027, 0, 1), local(2027, 0, 1)],
  [
    '2026-01-02T03:04:05Z',
    Date.UTC(2026, 0, 2, 3, 4, 5),
    Date.UTC(2026, 0, 2, 3, 4, 5),
    Date.UTC(2026, 0, 2, 3, 4, 5),
  ],
])('%s', (text, since, until, deadline) => {
  expect(parseSince(ask(text))).toBe(since);
  expect(parseUntil(ask(text))).toBe(until);
  expect(parseDeadline(ask(text))).toBe(deadline);
});

test.each(['', 'yesterday', '7', '7y', '2026-02-31', '2026-13-01', '2026-01-02T99:99', '31.01.2026'])(
  '“%s” is no time',
  (text) => {
    expect(() => parseSince(ask(text))).toThrow(
      expect.objectContaining({ code: 'usage-not-a-time', exitCode: 2 }),
    );
  },
);
