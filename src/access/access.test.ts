import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { allows, allowsDomain, createGate, createRateLimiter, makeKey } from './index.ts';
import type { AccessKey, KeyRequest } from './index.ts';

const request: KeyRequest = {
  name: 'shop',
  scopes: ['messages:send'],
  domains: ['example.jp'],
  sandbox: false,
  requestsPerMinute: null,
};
const making = { nowMs: 1_800_000_000_000, random: Math.random, randomBytes };

function gateOf(...keys: readonly { readonly key: AccessKey; readonly digest: Buffer }[]) {
  return createGate({ store: { find: (id) => keys.find(({ key }) => key.id === id) ?? null } });
}

describe('the gate', () => {
  it('knows its own tokens and nothing near them', () => {
    const made = makeKey(request, making);
    const other = makeKey(request, making);
    const gate = gateOf(made, other);
    expect(gate.check(made.token)).toEqual(made.key);
    expect(made.token).toMatch(/^tdk_k-[0-9a-z]{10}-[0-9a-z]{5}_[\w-]{43}$/);
    // The id of one key with the secret of another.
    const secret = other.token.slice(-43);
    expect(gate.check(made.token.slice(0, -43) + secret)).toBeNull();
    expect(gate.check(`${made.token}x`)).toBeNull();
    expect(gate.check(` ${made.token}`)).toBeNull();
    for (let at = 0; at < made.token.length; at++) {
      const changed = made.token[at] === 'A' ? 'B' : 'A';
      expect(gate.check(made.token.slice(0, at) + changed + made.token.slice(at + 1))).toBeNull();
    }
  });

  it('refuses a revoked key', () => {
    const made = makeKey(request, making);
    expect(gateOf({ ...made, key: { ...made.key, revokedMs: 1 } }).check(made.token)).toBeNull();
  });

  it('takes any text without trouble', () => {
    const gate = gateOf(makeKey(request, making));
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(gate.check(text)).toBeNull();
      }),
    );
    expect(gate.check('tdk_'.repeat(1_000_000))).toBeNull();
  });

  it('keeps no secret in the key or its digest', () => {
    const { key, digest, token } = makeKey(request, making);
    const secret = token.slice(-43);
    expect(JSON.stringify(key)).not.toContain(secret);
    expect(digest).toHaveLength(32);
  });
});

it('tells what a key allows', () => {
  const { key } = makeKey(request, making);
  expect(allows(key, 'messages:send')).toBe(true);
  expect(allows(key, 'domains')).toBe(false);
  expect(allowsDomain(key, 'example.jp')).toBe(true);
  expect(allowsDomain(key, 'sub.example.jp')).toBe(false);
  expect(allowsDomain({ ...key, domains: null }, 'sub.example.jp')).toBe(true);
});

describe('the rate limiter', () => {
  it('lets a minute of requests pass at once, then evenly', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(clock);
    for (let n = 0; n < 60; n++) {
      const answer = limiter.take('k-1', 60);
      expect(answer).toMatchObject({ allowed: true, remaining: 59 - n, retryAfterSeconds: 0 });
    }
    expect(limiter.take('k-1', 60)).toMatchObject({
      allowed: false,
      remaining: 0,
      retryAfterSeconds: 1,
      resetSeconds: 60,
    });
    expect(limiter.take('k-2', 60).allowed).toBe(true);
    await clock.advance(1_000);
    expect(limiter.take('k-1', 60).allowed).toBe(true);
    expect(limiter.take('k-1', 60).allowed).toBe(false);
    await clock.advance(60_000);
    expect(limiter.take('k-1', 60)).toMatchObject({ allowed: true, remaining: 59 });
  });

  it('never lets more pass in any minute than twice the limit, and what it promises', async () => {
    const clock = new FakeClock();
    const limiter = createRateLimiter(clock);
    const passed: number[] = [];
    for (let n = 0; n < 500; n++) {
      const answer = limiter.take('k', 30);
      if (answer.allowed) passed.push(clock.monotonic());
      else {
        await clock.advance(answer.retryAfterSeconds * 1000);
        expect(limiter.take('k', 30).allowed).toBe(true);
        passed.push(clock.monotonic());
      }
      await clock.advance(97);
    }
    for (const from of passed) {
      expect(passed.filter((at) => at >= from && at < from + 60_000).length).toBeLessThanOrEqual(60);
    }
  });

  it('counts a batch as what it is', () => {
    const limiter = createRateLimiter(new FakeClock());
    expect(limiter.take('k', 100, 80)).toMatchObject({ allowed: true, remaining: 20 });
    expect(limiter.take('k', 100, 40)).toMatchObject({ allowed: false, remaining: 20 });
    expect(limiter.take('k', 100, 20).allowed).toBe(true);
  });
});
