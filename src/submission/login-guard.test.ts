import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { authPlain, openSubmissionWorld, tokens } from '../../test/support/submission-world.ts';
import type { SubmissionWorld } from '../../test/support/submission-world.ts';
import { createLoginGuard } from './login-guard.ts';

describe('the guard', () => {
  const clock = new FakeClock();
  const wrong = { address: '192.0.2.1', name: 'k-1' };

  it('answers a few failures at once, then slower and slower', () => {
    const guard = createLoginGuard(clock);
    const delays = Array.from({ length: 12 }, () => {
      const delay = guard.delayMs(wrong);
      guard.failed(wrong);
      return delay;
    });
    expect(delays).toEqual([0, 0, 0, 250, 500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
  });

  it('slows guesses at one key from everywhere, but not who uses it rightly', () => {
    const guard = createLoginGuard(clock);
    guard.succeeded({ address: '198.51.100.7', name: 'k-1' });
    for (let n = 0; n < 20; n += 1) guard.failed({ address: `203.0.113.${n}`, name: 'k-1' });
    expect(guard.delayMs({ address: '203.0.113.99', name: 'k-1' })).toBe(10_000);
    expect(guard.delayMs({ address: '198.51.100.7', name: 'k-1' })).toBe(0);
    expect(guard.delayMs({ address: '203.0.113.99', name: 'k-2' })).toBe(0);
  });

  it('does not let one right key buy guesses at others', () => {
    const guard = createLoginGuard(clock);
    for (let n = 0; n < 40; n += 1) guard.failed({ address: '192.0.2.9', name: `k-${n}` });
    guard.succeeded({ address: '192.0.2.9', name: 'k-mine' });
    expect(guard.isShutOut('192.0.2.9')).toBe(true);
    expect(guard.isShutOut('192.0.2.10')).toBe(false);
  });

  it('takes the addresses of an IPv6 site for one', () => {
    const guard = createLoginGuard(clock);
    for (let n = 0; n < 30; n += 1) guard.failed({ address: `2001:db8:1:2::${n}`, name: '' });
    expect(guard.isShutOut('2001:db8:1:2:ffff::1')).toBe(true);
  });

  it('forgets in time', async () => {
    const guard = createLoginGuard(clock);
    for (let n = 0; n < 30; n += 1) guard.failed(wrong);
    expect(guard.isShutOut(wrong.address)).toBe(true);
    await clock.advance(15 * 60_000 + 1);
    expect(guard.isShutOut(wrong.address)).toBe(false);
    expect(guard.delayMs(wrong)).toBe(0);
  });

  it('remembers a bounded number of strangers', () => {
    const guard = createLoginGuard(clock);
    const first = { address: '10.0.0.1', name: 'first' };
    for (let n = 0; n < 30; n += 1) guard.failed(first);
    for (let n = 0; n < 20_000; n += 1)
      guard.failed({ address: `10.${1 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`, name: `k${n}` });
    // Forgotten to make room: what is kept is bounded.
    expect(guard.isShutOut(first.address)).toBe(false);
  });
});

describe('the door', () => {
  let world: SubmissionWorld | null = null;
  afterEach(async () => await world?.listener.stop(0));

  it('ends a session after three wrong passwords, and shuts out who goes on', async () => {
    const clock = new FakeClock();
    world = await openSubmissionWorld({ clock });
    const wrong = authPlain('tdk_k-0000000000-shop1_wrong');
    let attempts = 0;
    for (;;) {
      const dialog = await world.open();
      const greeting = await dialog.reply();
      if (greeting.startsWith('421')) {
        expect(greeting).toMatch(/^421 4\.7\.0 Too many failed logins/);
        break;
      }
      await dialog.ask('EHLO client.example');
      const replies: string[] = [];
      for (let n = 0; n < 3; n += 1) {
        const answer = dialog.ask(wrong);
        await held(clock, world, (attempts += 1));
        replies.push((await answer).slice(0, 9));
      }
      expect(replies).toEqual(['535 5.7.8', '535 5.7.8', '421 4.7.0']);
      expect(await dialog.reply()).toBe('<closed>');
    }
    expect(attempts).toBe(30);
    expect(world.taken).toEqual([]);
    // No password and no token in what is told.
    expect(JSON.stringify(world.news)).not.toContain('wrong');
    expect(JSON.stringify(world.news)).not.toContain(tokens.shop);
  });

  /** Lets time go until that many attempts were answered. */
  async function held(clock: FakeClock, { news }: SubmissionWorld, attempts: number): Promise<void> {
    while (news.filter(({ kind }) => kind === 'login-failed').length < attempts) {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(100);
    }
  }
});
