import { expect, test } from 'vitest';
import { readDate } from './header-date.ts';

test.each([
  ['Tue, 24 Nov 2026 09:00:00 +0900', '2026-11-24T00:00:00.000Z'],
  ['24 Nov 2026 09:00 +0900 (JST)', '2026-11-24T00:00:00.000Z'],
  ['Tue, 1 Dec 2026 00:00:00 GMT', '2026-12-01T00:00:00.000Z'],
  ['Tue, 24 Nov 2026 09:00:00 -0330', '2026-11-24T12:30:00.000Z'],
  ['Tue, 24 Nov 2026 09:00:00 EST', '2026-11-24T14:00:00.000Z'],
])('%s', (written, meant) => {
  expect(new Date(readDate(written) ?? Number.NaN).toISOString()).toBe(meant);
});

test.each([
  '',
  '2026-11-24',
  'Tue, 24 11 2026 09:00:00 +0900',
  'Tue, 24 Nov 2026 25:00:00 +0900',
  'Tue, 0 Nov 2026 09:00:00 +0900',
  'Tue, 24 Nov 26 9:00 +0900',
])('%j is none', (written) => {
  expect(readDate(written)).toBeNull();
});
