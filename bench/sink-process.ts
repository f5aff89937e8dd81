import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';

const greeting = z.object({ port: z.number() });
const notice = z.object({ reached: z.number() });
const farewell = z.object({ messages: z.number(), duplicates: z.number().nullable() });

export type SinkProcess = {
  readonly port: number;
  /** Resolves when the expected number of messages is in. */
  readonly complete: Promise<void>;
  stop(): Promise<z.infer<typeof farewell>>;
};

/** The receiver in a process of its own, so that its CPU time is not the contender's. */
export async function startSinkProcess(expected: number): Promise<SinkProcess> {
  const main = fileURLToPath(new URL('../simulator/sink-main.ts', import.meta.url));
  const command = [main, '--mode', 'duplicates', '--expect', String(expected)];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => String((await lines.next()).value);
  const { port } = readAnswer(await line(), greeting);
  let last: string | null = null;
  const complete = (async (): Promise<void> => {
    const text = await line();
    if (!notice.safeParse(JSON.parse(text)).success) last = text;
  })();
  return {
    port,
    complete,
    async stop() {
      const closed = once(child, 'close');
      child.stdin.end();
      // Either the notice came before, or what comes now is already the farewell.
      await complete;
      const text = last ?? (await line());
      await closed;
      return readAnswer(text, farewell);
    },
  };
}
