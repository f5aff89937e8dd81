import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  domainPattern,
  greetingName,
  host,
  addressRange,
  ipAddress,
  listenEndpoint,
  nameServer,
  webAddress,
} from './host-types.ts';
import type { RawScalar } from './raw-value.ts';
import { boolean, duration, filePath, integer, number, size, text } from './scalar-types.ts';
import type { ValueType } from './value-type.ts';

const spot = { key: 'some.key', baseDirectory: '/etc/todoku' };

function scalar(value: string | number | boolean): RawScalar {
  return { kind: 'scalar', place: { kind: 'environment', name: 'X' }, value, text: String(value) };
}

/** The decoded value, or `refused`. */
function decode<T>(type: ValueType<T>, value: string | number | boolean): T | 'refused' {
  const decoded = type.decode(scalar(value), spot);
  return decoded.ok ? decoded.value : 'refused';
}

describe('scalar types', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['4h', 14_400_000],
    ['5d', 432_000_000],
    ['250ms', 250],
    ['1.5s', 1500],
    ['10 s', 10_000],
    [30, 'refused'],
    ['30', 'refused'],
    ['5M', 'refused'],
    ['-5s', 'refused'],
    ['0s', 'refused'],
    ['400d', 'refused'],
    ['s', 'refused'],
  ])('duration %j → %j', (written, expected) => {
    expect(decode(duration(), written)).toBe(expected);
  });

  it.each([
    ['10MB', 10_000_000],
    ['1MiB', 1_048_576],
    ['500KB', 500_000],
    ['1.5KB', 1500],
    [10, 'refused'],
    ['10mb', 'refused'],
    ['2GB', 'refused'],
  ])('size %j → %j', (written, expected) => {
    expect(decode(size({ minBytes: 1, maxBytes: 1e9 }), written)).toBe(expected);
  });

  it('durations and sizes are written as they would be read', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 31_536_000_000 }), (value) => {
        expect(decode(duration(), String(duration().write(value)))).toBe(value);
        const anySize = size({ minBytes: 1, maxBytes: 1e12 });
        expect(decode(anySize, String(anySize.write(value)))).toBe(value);
      }),
    );
  });

  it('numbers, words and texts', () => {
    expect(decode(integer({ min: 1, max: 5 }), 5)).toBe(5);
    expect(decode(integer({ min: 1, max: 5 }), '5')).toBe(5);
    expect(decode(integer({ min: 1, max: 5 }), 1.5)).toBe('refused');
    expect(decode(integer({ min: 1, max: 5 }), 6)).toBe('refused');
    expect(decode(integer({ min: 1, max: 5 }), '')).toBe('refused');
    expect(decode(number({ min: 0, max: 1 }), '0.5')).toBe(0.5);
    expect(decode(number({ min: 0, max: 1 }), Number.NaN)).toBe('refused');
    expect(decode(boolean, true)).toBe(true);
    expect(decode(boolean, 'false')).toBe(false);
    expect(decode(boolean, 'yes')).toBe('refused');
    expect(decode(text, 'x')).toBe('x');
    expect(decode(text, 5)).toBe('refused');
    expect(decode(text, 'a\nb')).toBe('refused');
    expect(decode(filePath, 'keys/a.pem')).toBe('/etc/todoku/keys/a.pem');
    expect(decode(filePath, '/keys/a.pem')).toBe('/keys/a.pem');
  });
});

describe('host types', () => {
  it.each([
    [listenEndpoint, '127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    [listenEndpoint, '[::1]:25', { host: '::1', port: 25 }],
    [listenEndpoint, 'localhost:8080', { host: 'localhost', port: 8080 }],
    [listenEndpoint, '127.0.0.1', 'refused'],
    [listenEndpoint, '::1:25', 'refused'],
    [listenEndpoint, '127.0.0.1:65536', 'refused'],
    [listenEndpoint, 25, 'refused'],
    [nameServer, '::1', { host: '::1', port: 53 }],
    [nameServer, 'dns.test:53', 'refused'],
    [nameServer, '127.0.0.1:0', 'refused'],
    [host, '[::1]', '::1'],
    [host, 'mx_1.test', 'refused'],
    [host, 'bad..test', 'refused'],
    [host, `${'a'.repeat(64)}.test`, 'refused'],
    [greetingName, '[192.0.2.1]', '[192.0.2.1]'],
    [greetingName, '[IPv6:2001:db8::1]', '[IPv6:2001:db8::1]'],
    [greetingName, '192.0.2.1', 'refused'],
    [domainPattern, '*', '*'],
    [domainPattern, '*.DOCOMO.ne.jp', '*.docomo.ne.jp'],
    [domainPattern, '*docomo.ne.jp', 'refused'],
    [ipAddress, '192.0.2.256', 'refused'],
    [addressRange, '10.1.2.0/24', '10.1.2.0/24'],
    [addressRange, '127.0.0.1', '127.0.0.1/32'],
    [addressRange, 'FD00::/8', 'fd00::/8'],
    [addressRange, '10.0.0.0/33', 'refused'],
    [addressRange, '10.0.0/8', 'refused'],
    [addressRange, 'localhost', 'refused'],
    [webAddress, 'https://u.test/x/', 'https://u.test/x'],
    [webAddress, 'ftp://u.test', 'refused'],
    [webAddress, 'https://', 'refused'],
  ])('%# %j → %j', (type: ValueType<unknown>, written, expected) => {
    expect(decode(type, written)).toEqual(expected);
  });
});
