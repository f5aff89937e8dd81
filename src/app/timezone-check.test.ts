import { expect, test } from 'vitest';
import { createTimezoneCheck } from './timezone-check.ts';

function rows(...zones: readonly string[]): { line: number; variables: Record<string, string> }[] {
  return zones.map((timezone, index) => ({ line: index + 2, variables: { email: 'a@b.example', timezone } }));
}

test('time zones that exist, and empty cells, are no reason to say anything', () => {
  const check = createTimezoneCheck();
  check.look(rows('Asia/Tokyo', '', ' Europe/Berlin ', '+09:00'));
  expect(check.found(['email', 'timezone'], { hasWindow: true })).toBeNull();
});

test('those that do not exist are counted, the first one with its line', () => {
  const check = createTimezoneCheck();
  check.look(rows('Asia/Tokyo', 'To\u0007kyo'));
  check.look(rows('JST+9'));
  expect(check.found(['email', 'timezone'], { hasWindow: false })?.en).toMatch(
    /^unknown time zones .*: 2 \(.*“To kyo”, on line 3/,
  );
});

test('a column that nearly has the name is pointed out where there is a window', () => {
  const check = createTimezoneCheck();
  expect(check.found(['email', 'Time Zone'], { hasWindow: true })?.en).toMatch(/“Time Zone” is not used/);
  expect(check.found(['email', 'Time Zone'], { hasWindow: false })).toBeNull();
  expect(check.found(['email', 'timezone', 'TimeZone'], { hasWindow: true })).toBeNull();
});
