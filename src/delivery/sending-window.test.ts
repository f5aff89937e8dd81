import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  isTimezone,
  outsideOf,
  parseSendingWindow,
  sendingWindowText,
  windowState,
} from './sending-window.ts';
import type { SendingWindow } from './sending-window.ts';

function window(text: string): SendingWindow {
  const parsed = parseSendingWindow(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

/** `isOpen until` in UTC, to the minute. */
function state(text: string, timezone: string, at: string): string {
  const { isOpen, untilMs } = windowState({ ...window(text), timezone }, Date.parse(at));
  return `${isOpen ? 'open' : 'closed'} ${new Date(untilMs).toISOString().slice(0, 16)}`;
}

test.each([
  '9-20',
  '09:00-09:00',
  '24:00-05:00',
  '09:60-10:00',
  '25:00-26:00',
  '00:00-24:00',
  '',
  '09:00–20:00',
])('is no window: %s', (text) => expect(parseSendingWindow(text)).toBeNull());

test('is written as it was read', () => {
  expect(sendingWindowText(window('09:00-20:00'))).toBe('09:00-20:00');
  expect(sendingWindowText(window('22:30-24:00'))).toBe('22:30-24:00');
  expect(sendingWindowText(outsideOf(window('21:00-08:00')))).toBe('08:00-21:00');
});

test('time zones are those of the machine’s own tables', () => {
  expect(['Asia/Tokyo', 'UTC', '+09:00'].map(isTimezone)).toEqual([true, true, true]);
  expect(['Asia/Toyko', '', 'x'.repeat(10_000)].map(isTimezone)).toEqual([false, false, false]);
});

describe('by the clock on the wall', () => {
  test.each([
    // Japan has no summer time: 09:00 is midnight UTC.
    ['09:00-20:00', 'Asia/Tokyo', '2026-11-23T23:59:59Z', 'closed 2026-11-24T00:00'],
    ['09:00-20:00', 'Asia/Tokyo', '2026-11-24T00:00:00Z', 'open 2026-11-24T11:00'],
    ['09:00-20:00', 'Asia/Tokyo', '2026-11-24T11:00:00Z', 'closed 2026-11-25T00:00'],
    ['22:00-06:00', 'Asia/Tokyo', '2026-11-24T15:00:00Z', 'open 2026-11-24T21:00'],
    ['00:00-12:00', 'UTC', '2026-11-24T12:00:00Z', 'closed 2026-11-25T00:00'],
    ['12:00-24:00', 'UTC', '2026-11-24T13:00:00Z', 'open 2026-11-25T00:00'],
    // Half an hour off the hour, and the date line.
    ['09:00-20:00', 'Asia/Kathmandu', '2026-11-24T03:14:00Z', 'closed 2026-11-24T03:15'],
    ['09:00-20:00', 'Pacific/Kiritimati', '2026-11-24T18:59:00Z', 'closed 2026-11-24T19:00'],
    // Berlin, the night of 2026-03-29: 02:00 is 03:00. The day is an hour shorter, and so is the night.
    ['09:00-20:00', 'Europe/Berlin', '2026-03-28T20:00:00Z', 'closed 2026-03-29T07:00'],
    ['22:00-06:00', 'Europe/Berlin', '2026-03-28T22:00:00Z', 'open 2026-03-29T04:00'],
    // A window that opens in the hour that does not exist opens when that hour would have begun.
    ['02:30-05:00', 'Europe/Berlin', '2026-03-29T00:30:00Z', 'closed 2026-03-29T01:00'],
    // The night of 2026-10-25: 03:00 is 02:00 again.
    ['09:00-20:00', 'Europe/Berlin', '2026-10-24T20:00:00Z', 'closed 2026-10-25T08:00'],
    ['22:00-06:00', 'Europe/Berlin', '2026-10-24T21:00:00Z', 'open 2026-10-25T05:00'],
    // The other half of the world, and half an hour of summer time.
    ['09:00-20:00', 'America/New_York', '2026-11-01T04:00:00Z', 'closed 2026-11-01T14:00'],
    ['09:00-20:00', 'Australia/Lord_Howe', '2026-04-04T12:00:00Z', 'closed 2026-04-04T22:30'],
  ])('%s in %s at %s: %s', (text, timezone, at, expected) => {
    expect(state(text, timezone, at)).toBe(expected);
  });

  const zones = fc.constantFrom(
    'Asia/Tokyo',
    'Europe/Berlin',
    'America/St_Johns',
    'Australia/Lord_Howe',
    'Africa/Cairo',
  );
  const minute = fc.integer({ min: 0, max: 1_439 });

  test('it changes at `until`, and not a minute before', () => {
    const now = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2030, 0, 1) });
    fc.assert(
      fc.property(zones, minute, minute, now, (timezone, opens, closes, nowMs) => {
        fc.pre(opens !== closes);
        const local = { opens, closes, timezone };
        const { isOpen, untilMs } = windowState(local, nowMs);
        expect(untilMs).toBeGreaterThan(nowMs);
        // 25 hours of the longest day, and a summer time that skips the window.
        expect(untilMs - nowMs).toBeLessThanOrEqual(49 * 3_600_000);
        expect(windowState(local, untilMs).isOpen).toBe(!isOpen);
        expect(windowState(local, Math.max(nowMs, untilMs - 60_000)).isOpen).toBe(isOpen);
      }),
    );
  });
});
