import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { createInterruption } from './interruption.ts';

class FakeProcess extends EventEmitter {
  exits: number[] = [];
  exit(code: number): void {
    this.exits.push(code);
  }
}

it('leaves signals alone until somebody asks', () => {
  const source = new FakeProcess();
  createInterruption(source, new FakeClock());
  expect(source.listenerCount('SIGINT')).toBe(0);
});

it('aborts on the first signal, ends the process on a second one', async () => {
  const source = new FakeProcess();
  const clock = new FakeClock();
  const interruption = createInterruption(source, clock);
  const signal = interruption();
  expect(interruption()).toBe(signal);
  expect(source.listenerCount('SIGINT')).toBe(1);

  source.emit('SIGINT');
  expect(signal.aborted).toBe(true);
  expect(source.exits).toEqual([]);
  await clock.advance(201);
  source.emit('SIGTERM');
  expect(source.exits).toEqual([130]);
});

it('takes the copy that a wrapper passes on for the same key press', async () => {
  const source = new FakeProcess();
  const clock = new FakeClock();
  createInterruption(source, clock)();
  source.emit('SIGINT');
  await clock.advance(50);
  source.emit('SIGINT');
  expect(source.exits).toEqual([]);
});
