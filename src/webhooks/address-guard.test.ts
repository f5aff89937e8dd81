import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAddressGuard } from './address-guard.ts';

const guard = createAddressGuard([]);

describe('addresses that webhooks never go to', () => {
  test.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '100.127.255.255',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '0:0:0:0:0:0:0:1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '0:0:0:0:0:ffff:a9fe:a9fe',
    '::FFFF:10.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b::127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::7f00:1',
    '2002:7f00:1::1',
    '2002:a9fe:a9fe::',
    '2001:0:7f00:1::',
    '2001:db8::1',
    '3fff::1',
    '100::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    '::1%lo',
    'febf::1',
    'fec0::1',
    'ff02::1',
    '5f00::1',
    '',
    'localhost',
    '2130706433',
    '0x7f.0.0.1',
    '127.1',
  ])('%s', (address) => {
    expect(guard(address)).toBe('refused');
  });

  test.each([
    '1.1.1.1',
    '8.8.8.8',
    '100.63.255.255',
    '100.128.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '203.0.114.1',
  ])('a public one is none of them: %s', (address) => {
    expect([guard(address), guard(`::ffff:${address}`), guard(`64:ff9b::${address}`)]).toEqual([
      'public',
      'public',
      'public',
    ]);
  });

  test.each(['2606:4700:4700::1111', '2a00:1450:4001::200e', '2400:8500::1'])('nor %s', (address) => {
    expect(guard(address)).toBe('public');
  });

  test('what the configuration names is allowed, in every spelling, and nothing beside it', () => {
    const open = createAddressGuard(['10.1.2.0/24', 'fd00:1::/32', '127.0.0.1/32']);
    for (const address of ['10.1.2.9', '::ffff:10.1.2.9', 'fd00:1::5', '127.0.0.1', '::ffff:7f00:1'])
      expect([address, open(address)]).toEqual([address, 'allowed']);
    for (const address of ['10.1.3.1', '127.0.0.2', 'fd00:2::5', '::1'])
      expect([address, open(address)]).toEqual([address, 'refused']);
    expect(open('1.1.1.1')).toBe('public');
  });

  test('a range of one family says nothing about the other', () => {
    expect(createAddressGuard(['0.0.0.0/0'])('::1')).toBe('refused');
    expect(createAddressGuard(['::/0'])('127.0.0.1')).toBe('refused');
  });

  test('an address that carries an IPv4 address is judged by it', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(guard(`::ffff:${address}`)).toBe(guard(address));
        expect(guard(`64:ff9b::${address}`)).toBe(guard(address));
      }),
    );
  });

  test('any text has an answer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV6(), fc.ipV4Extended()), (text) => {
        expect(['public', 'refused']).toContain(guard(text));
      }),
    );
  });
});
