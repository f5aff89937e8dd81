import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import type { CarrierEvents } from '../delivery/index.ts';
import { CarrierLost, startCarrierThreads } from './carrier-threads.ts';
import type { StartThread } from './carrier-threads.ts';
import type { ThreadSetup } from './thread-messages.ts';

// What the threads here run instead of a carrier reads none of it.
const setup = {} as ThreadSetup;

/** Threads that run the given scripts, in turn, and what became of them. */
function scripted(...scripts: readonly string[]): { start: StartThread; workers: Worker[] } {
  const workers: Worker[] = [];
  const start: StartThread = (_file, options) => {
    const script = scripts[workers.length] ?? '';
    const worker = new Worker(`const { parentPort } = require('node:worker_threads');${script}`, {
      ...options,
      eval: true,
    });
    workers.push(worker);
    return worker;
  };
  return { start, workers };
}

const starts = `parentPort.postMessage({ call: 'started' });`;
const stays = `parentPort.on('message', () => undefined);`;

/** Notes in order what a carrier tells; resolves at `stopped`. */
function listen(): { events: CarrierEvents; told: unknown[]; stopped: Promise<void> } {
  const told: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const events: CarrierEvents = {
    settled: (batch) => told.push(['settled', batch.length]),
    missing: (count) => told.push(['missing', count]),
    closed: () => told.push(['closed']),
    held: () => told.push(['held']),
    released: () => told.push(['released']),
    limited: () => 0,
    wayFailed: () => told.push(['wayFailed']),
    paced: () => told.push(['paced']),
    failed: (error) => told.push(error),
    stopped() {
      told.push('stopped');
      resolve();
    },
  };
  return { events, told, stopped: promise };
}

async function lostBy(script: string): Promise<readonly unknown[]> {
  const threads = await startCarrierThreads(setup, 1, scripted(starts + script).start);
  const { events, told, stopped } = listen();
  threads.carriers[0]?.(events).pause();
  await stopped;
  await threads.close();
  return told;
}

const onFirstWord = (action: string): string => `parentPort.on('message', () => { ${action} });`;

test.each([
  ['exits', 'process.exit(3)', 'exit code 3'],
  ['throws', 'throw new Error("out of order")', 'out of order'],
  [
    'loses its memory',
    'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));',
    'Worker terminated due to reaching memory limit: JS heap out of memory',
  ],
])('a thread that %s is lost, once, and counts as stopped', async (_name, action, because) => {
  const { start } = scripted(starts + onFirstWord(action));
  const small: StartThread = (file, options) =>
    start(file, { ...options, resourceLimits: { maxOldGenerationSizeMb: 16 } });
  const threads = await startCarrierThreads(setup, 1, small);
  const { events, told, stopped } = listen();
  threads.carriers[0]?.(events).pause();
  await stopped;
  await threads.close();
  expect(told).toEqual([expect.any(CarrierLost), 'stopped']);
  expect(told[0]).toMatchObject({ because: { en: because, ja: because } });
});

test('what it told before its end is heard before its loss', async () => {
  const told = await lostBy(
    onFirstWord(`parentPort.postMessage({ call: 'missing', count: 7 }); process.exit(1)`),
  );
  expect(told).toEqual([['missing', 7], expect.any(CarrierLost), 'stopped']);
});

test('a thread that says it has stopped is not lost', async () => {
  const told = await lostBy(onFirstWord(`parentPort.postMessage({ call: 'stopped' }); process.exit(1)`));
  expect(told).toEqual(['stopped']);
});

test('a thread that dies between its start and its connection is lost too', async () => {
  const { start, workers } = scripted(`${starts}process.exit(0)`);
  const threads = await startCarrierThreads(setup, 1, start);
  const [worker] = workers;
  if (worker !== undefined && worker.threadId !== -1) await once(worker, 'exit');
  const { events, told, stopped } = listen();
  threads.carriers[0]?.(events);
  await stopped;
  expect(told).toEqual([expect.any(CarrierLost), 'stopped']);
});

test('when one cannot start, all are ended and the reason is told', async () => {
  const { start, workers } = scripted(starts + stays, `throw new Error('no descriptors')`);
  await expect(startCarrierThreads(setup, 2, start)).rejects.toMatchObject({
    name: 'CarrierLost',
    because: { en: 'no descriptors' },
  });
  // -1: the thread has ended.
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});

test('when the system gives no thread, that is a loss, not a bug', async () => {
  const { start, workers } = scripted(starts + stays);
  const onlyOne: StartThread = (file, options) => {
    if (workers.length > 0) throw new Error('EMFILE');
    return start(file, options);
  };
  await expect(startCarrierThreads(setup, 2, onlyOne)).rejects.toBeInstanceOf(CarrierLost);
  expect(workers.map(({ threadId }) => threadId)).toEqual([-1]);
});
