import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { displayWidth } from './display-width.ts';
import { barText, createProgress } from './progress.ts';

function terminal(
  isTTY: boolean,
): PassThrough & { isTTY: boolean; columns: number; rows: number; text(): string } {
  const stream = new PassThrough();
  return Object.assign(stream, { isTTY, columns: 20, rows: 4, text: () => String(stream.read() ?? '') });
}

describe('on a terminal', () => {
  it('replaces its lines, at most ten times a second, and leaves the last', async () => {
    const stream = terminal(true);
    const clock = new FakeClock();
    const progress = createProgress({ stream, clock, plainEveryMs: null });
    let drawn = 0;
    const state = (text: string) => (): readonly string[] => {
      drawn++;
      return [`${text} 1`, `${text} 2`];
    };
    progress.update(state('a'));
    expect(stream.text()).toBe('a 1\na 2\n');
    for (let step = 0; step < 50; step++) progress.update(state('b'));
    expect(drawn).toBe(1);
    await clock.advance(100);
    expect(stream.text()).toBe('\u001b[2F\u001b[Jb 1\nb 2\n');
    progress.note('said');
    expect(stream.text()).toBe('\u001b[2F\u001b[Jsaid\nb 1\nb 2\n');
    progress.update(state('c'));
    progress.finish();
    expect(stream.text()).toBe('\u001b[2F\u001b[Jc 1\nc 2\n');
    expect(clock.pendingTimers).toBe(0);
  });

  it('never draws what would wrap or scroll away', () => {
    const stream = terminal(true);
    const progress = createProgress({ stream, clock: new FakeClock(), plainEveryMs: null });
    progress.update(() => Array.from({ length: 9 }, () => 'とても長い行とても長い行'));
    const lines = stream.text().trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(displayWidth(line)).toBeLessThan(20);
  });
});

describe('elsewhere', () => {
  it('writes a plain line now and then, or nothing', async () => {
    const stream = terminal(false);
    const clock = new FakeClock();
    const progress = createProgress({ stream, clock, plainEveryMs: 10_000 });
    progress.update(() => ['first']);
    expect(stream.text()).toBe('');
    await clock.advance(10_000);
    progress.update(() => ['second']);
    progress.update(() => ['third']);
    expect(stream.text()).toBe('second\n');
    progress.finish();
    expect(stream.text()).toBe('third\n');

    const silent = createProgress({ stream, clock, plainEveryMs: null });
    await clock.advance(60_000);
    silent.update(() => ['never']);
    silent.finish();
    expect(stream.text()).toBe('');
  });
});

it('draws bars for any fraction', () => {
  expect(barText(0, 12)).toBe('[..........]');
  expect(barText(0.55, 12)).toBe('[#####.....]');
  expect(barText(7, 12)).toBe('[##########]');
  expect(barText(Number.NaN, 5)).toBe('[...]');
});
