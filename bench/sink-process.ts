import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';

const greeting = z.object({ port: z.number() });
const farewell = z.object({ messages: z.number(), duplicates: z.number().nullable() });
export type SinkStats = z.infer<typeof farewell>;

export type SinkProcess = { readonly port: number; stop(): Promise<SinkStats> };

/** The receiver in a process of its own, so that its CPU time is not the contender's. */
export async function startSinkProcess(): Promise<SinkProcess> {
  const main = fileURLToPath(new URL('../simulator/sink-main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--mode', 'duplicates'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const first = await lines.next();
  const { port } = readAnswer(String(first.value), greeting);
  return {
    port,
    async stop() {
      const closed = once(child, 'close');
      child.stdin.end();
      const last = await lines.next();
      await closed;
      return readAnswer(String(last.value), farewell);
    },
  };
}
