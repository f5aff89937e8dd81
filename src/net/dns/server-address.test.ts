import { expect, it } from 'vitest';
import { AppError } from '../../base/index.ts';
import { chooseServers, readServer } from './server-address.ts';

it.each([
  ['192.0.2.1', '192.0.2.1', 53],
  ['192.0.2.1:5353', '192.0.2.1', 5353],
  ['2001:db8::1', '2001:db8::1', 53],
  ['[2001:db8::1]', '2001:db8::1', 53],
  ['[2001:db8::1]:5353', '2001:db8::1', 5353],
])('reads %s', (text, address, port) => {
  expect(readServer(text)).toEqual({ address, port, text });
});

it.each(['', 'ns.example', '192.0.2.1:0', '192.0.2.1:65536', '192.0.2.1:x', '[2001:db8::1', '256.0.0.1'])(
  'refuses %j',
  (text) => {
    expect(readServer(text)).toBeNull();
    expect(() => chooseServers([text])).toThrow(AppError);
  },
);

it('takes the servers of the system when none are configured', () => {
  expect(chooseServers([]).length).toBeGreaterThan(0);
});
