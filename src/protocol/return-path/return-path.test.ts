import { createSecretKey, randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeReturnPath, makeToken, readReturnPath, readToken } from './index.ts';

const key = createSecretKey(randomBytes(32));
const otherKey = randomBytes(32);
const domain = 'bounce.example.jp';

const anyId = fc.oneof(fc.maxSafeNat(), fc.stringMatching(/^[a-z0-9]{1,40}$/));

describe('return path', () => {
  it('reads back what was written, in any letter case and with brackets', () => {
    fc.assert(
      fc.property(anyId, (message) => {
        const address = makeReturnPath({ message, domain, key });
        expect(address).toMatch(/^b-[ns][a-z0-9]+-[a-z2-7]{16}@bounce\.example\.jp$/);
        expect(address.indexOf('@')).toBeLessThanOrEqual(64);
        for (const form of [address, address.toUpperCase(), `<${address}>`]) {
          expect(readReturnPath(form, domain.toUpperCase(), [otherKey, key])).toEqual({ ok: true, message });
        }
      }),
    );
  });

  it('is the same at each attempt and differs by message', () => {
    const path = (message: number): string => makeReturnPath({ message, domain, key });
    expect(path(7)).toBe(path(7));
    expect(new Set(Array.from({ length: 1000 }, (_, id) => path(id).split('-')[2])).size).toBe(1000);
  });

  it('tells forged, malformed and foreign apart', () => {
    const address = makeReturnPath({ message: 123, domain, key });
    const failure = (text: string, at = domain): string => {
      const reading = readReturnPath(text, at, [key]);
      return reading.ok ? 'none' : reading.failure;
    };
    expect(failure(address.replace('b-n3f', 'b-n3g'))).toBe('forged');
    expect(failure(address.replace('b-n', 'b-s'))).toBe('forged');
    expect(failure(address.replace('b-n3f', 'b-n03f'))).toBe('malformed');
    expect(failure(address, 'example.jp')).toBe('other-domain');
    expect(failure(address.replace(domain, 'other.jp'), 'other.jp')).toBe('forged');
    for (const text of ['', 'x', `news@${domain}`, `b-@${domain}`, `b-n1-@${domain}`, 'x'.repeat(10_000)]) {
      expect(failure(text)).toBe('malformed');
    }
    expect(readReturnPath(address, domain, [otherKey])).toEqual({ ok: false, failure: 'forged' });
    expect(readReturnPath(address, domain, [])).toEqual({ ok: false, failure: 'forged' });
  });

  it('never accepts another text, never throws', () => {
    const genuine = makeReturnPath({ message: 5, domain, key });
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: genuine.length }), (text, at) => {
        const changed = genuine.slice(0, at) + text + genuine.slice(at);
        const reading = readReturnPath(changed, domain, [key]);
        const same = changed.trim().toLowerCase() === genuine;
        expect(reading.ok).toBe(same);
      }),
    );
  });

  it('refuses ids that are none, as a bug', () => {
    for (const message of [-1, 1.5, Number.NaN, 'A', 'a-b', '', 'x'.repeat(41)]) {
      expect(() => makeReturnPath({ message, domain, key })).toThrow(RangeError);
    }
  });
});

describe('token', () => {
  it('is good for its purpose only', () => {
    const token = makeToken({ purpose: 'unsubscribe', id: 99, key });
    expect(token).toMatch(/^[a-z0-9-]+$/);
    expect(readToken(token.toUpperCase(), 'unsubscribe', [key])).toEqual({ ok: true, id: 99 });
    expect(readToken(token, 'click', [key])).toEqual({ ok: false, failure: 'forged' });
    expect(readReturnPath(`b-${token}@${domain}`, domain, [key])).toEqual({ ok: false, failure: 'forged' });
  });
});
