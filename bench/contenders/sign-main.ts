// Signs N times in all, in T threads, with the key of a file and prints {"seconds","cpuSeconds"}.
import { createPrivateKey, sign } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';

const shape = z.object({ keyFile: z.string(), count: z.number(), threads: z.number() });

function signAll(keyFile: string, count: number): void {
  const key = createPrivateKey(readFileSync(keyFile));
  // What DKIM signs: the canonical header, about 600 octets.
  const header = Buffer.alloc(600, 'h');
  for (let i = 0; i < count; i++) sign('sha256', header, key);
}

if (isMainThread) {
  const [, , keyFile = '', count = '0', threads = '1'] = process.argv;
  const task = { keyFile, count: Math.ceil(Number(count) / Number(threads)), threads: Number(threads) };
  const workers = Array.from(
    { length: task.threads },
    () => new Worker(import.meta.filename, { workerData: task }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const before = process.cpuUsage();
  const startedMs = performance.now();
  const done = Promise.all(workers.map((worker) => once(worker, 'exit')));
  for (const worker of workers) worker.postMessage('go');
  await done;
  const seconds = (performance.now() - startedMs) / 1000;
  const used = process.cpuUsage(before);
  process.stdout.write(`${JSON.stringify({ seconds, cpuSeconds: (used.user + used.system) / 1e6 })}\n`);
} else {
  const { keyFile, count } = shape.parse(workerData);
  signAll(keyFile, 1);
  parentPort?.once('message', () => {
    signAll(keyFile, count);
    parentPort?.close();
  });
  parentPort?.postMessage('ready');
}
