import { expect, it } from 'vitest';
import { readRange } from './index.ts';

it.each([
  [null, 100, 'whole'],
  ['bytes=0-9', 100, { start: 0, end: 9 }],
  ['bytes=90-', 100, { start: 90, end: 99 }],
  ['bytes=90-200', 100, { start: 90, end: 99 }],
  ['bytes=-10', 100, { start: 90, end: 99 }],
  ['bytes=-1000', 100, { start: 0, end: 99 }],
  ['bytes=99-99', 100, { start: 99, end: 99 }],
  ['bytes=100-', 100, 'unsatisfiable'],
  ['bytes=-0', 100, 'unsatisfiable'],
  ['bytes=0-', 0, 'unsatisfiable'],
  ['bytes=9-0', 100, 'whole'],
  ['bytes=0-1,5-6', 100, 'whole'],
  ['lines=0-1', 100, 'whole'],
  ['bytes=-', 100, 'whole'],
  ['bytes=a-b', 100, 'whole'],
  [`bytes=${'9'.repeat(400)}-`, 100, 'whole'],
] as const)('%s of %i octets is %j', (header, octets, wanted) => {
  expect(readRange(header, octets)).toEqual(wanted);
});
