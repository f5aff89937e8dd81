import { expect, it } from 'vitest';
import { addressKey, reverseName } from './reverse-name.ts';

it.each([
  ['192.0.2.25', '25.2.0.192.in-addr.arpa'],
  // The example of RFC 3596 §2.5.
  ['4321:0:1:2:3:4:567:89ab', 'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa'],
  ['::1', `1.${'0.'.repeat(31)}ip6.arpa`],
  ['::ffff:192.0.2.1', '1.0.2.0.0.0.0.c.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.ip6.arpa'],
])('%s is named by %s', (ip, name) => {
  expect(reverseName(ip)).toBe(name);
});

it('compares addresses whatever their spelling', () => {
  expect(addressKey('2001:DB8::1')).toBe(addressKey('2001:db8:0:0:0:0:0:1'));
  expect(addressKey('192.0.2.1')).toBe('192.0.2.1');
});
