import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { clientName, createClientLimits } from './client-limits.ts';

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:DB8:0:0:8000::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
])('takes %s for the client %s', (address, client) => {
  expect(clientName(address)).toBe(client);
});

it('counts connections of a client and in all, and forgets those that closed', () => {
  const limits = createClientLimits({
    clock: new FakeClock(),
    connections: 3,
    connectionsPerClient: 2,
    mailsPerMinute: 1,
  });
  expect(limits.connected('1', '192.0.2.1')).toBe('fine');
  expect(limits.connected('2', '::ffff:192.0.2.1')).toBe('fine');
  expect(limits.connected('3', '192.0.2.1')).toBe('too-many-of-client');
  // It was not counted, and its end is none.
  limits.closed('3');
  expect(limits.connected('4', '192.0.2.2')).toBe('fine');
  expect(limits.connected('5', '192.0.2.3')).toBe('too-many');
  limits.closed('1');
  limits.closed('1');
  expect(limits.connected('6', '192.0.2.1')).toBe('fine');
  expect(limits.connected('7', '192.0.2.4')).toBe('too-many');
});

it('lets a client bring a minute’s mails at once, then as time passes; others have their own', async () => {
  const clock = new FakeClock();
  const limits = createClientLimits({ clock, connections: 1, connectionsPerClient: 1, mailsPerMinute: 60 });
  const brought = (address: string, tries: number): number =>
    Array.from({ length: tries }, () => limits.mail(address)).filter(Boolean).length;
  expect(brought('192.0.2.1', 100)).toBe(60);
  expect(brought('192.0.2.2', 100)).toBe(60);
  await clock.advance(5_000);
  expect(brought('192.0.2.1', 100)).toBe(5);
  await clock.advance(3_600_000);
  expect(brought('192.0.2.1', 100)).toBe(60);
});

it('remembers a bounded number of clients', () => {
  const limits = createClientLimits({
    clock: new FakeClock(),
    connections: 1,
    connectionsPerClient: 1,
    mailsPerMinute: 1,
  });
  expect(limits.mail('192.0.2.1')).toBe(true);
  expect(limits.mail('192.0.2.1')).toBe(false);
  for (let n = 0; n < 10_000; n += 1) limits.mail(`10.${n >> 8}.${n & 255}.1`);
  expect(limits.mail('192.0.2.1')).toBe(true);
});
