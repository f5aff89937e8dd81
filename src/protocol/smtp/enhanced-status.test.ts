import { expect, it } from 'vitest';
import { enhancedStatus } from './enhanced-status.ts';

it.each([
  ['5.1.1 no such user', '5.1.1'],
  ['4.7.28', '4.7.28'],
  ['2.0.0 Ok: queued', '2.0.0'],
  ['5.7.1: refused', '5.7.1'],
  ['5.1.1.2 is an address', null],
  ['5.1.1234 x', null],
  ['3.1.1 no such class', null],
  ['4 tries left', null],
  ['#5.1.0 Address rejected', null],
  ['', null],
])('%j → %j', (text, status) => {
  expect(enhancedStatus(text)).toBe(status);
});
