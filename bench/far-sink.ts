import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';

const greeting = z.object({ port: z.number(), dnsPort: z.number() });
const farewell = z.object({
  messages: z.number(),
  duplicates: z.number(),
  mostOpen: z.number(),
  middleRate: z.number().nullable(),
});

export type FarSinkOptions = {
  /** Messages that will come. */
  readonly expected: number;
  readonly replyDelayMs?: number;
  readonly dnsDelayMs?: number;
};

export type FarSink = {
  /** On every address of 127.0.0.0/8. */
  readonly port: number;
  readonly dnsPort: number;
  /** `performance.now()` at the first message. */
  readonly first: Promise<number>;
  /** Ends it before everything has come. */
  abandon(): void;
  /** Ends it; rejects when not every message came exactly once. */
  stop(): Promise<{ readonly mostOpen: number; readonly middleRate: number }>;
};

const program = fileURLToPath(new URL('far-sink-main.ts', import.meta.url));

/** The receiver a round trip away, with its DNS, in a process of its own. */
export async function startFarSink(options: FarSinkOptions): Promise<FarSink> {
  const delays = [String(options.replyDelayMs ?? 0), '--dns-delay', String(options.dnsDelayMs ?? 0)];
  const command = [program, '--expect', String(options.expected), '--reply-delay', ...delays];
  const child = spawn(process.execPath, command, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { port, dnsPort } = readAnswer(String((await lines.next()).value), greeting);
  let last = '';
  const { promise: first, resolve: sawFirst } = Promise.withResolvers<number>();
  const reading = (async (): Promise<void> => {
    for await (const text of lines) {
      if (text.includes('"first"')) sawFirst(performance.now());
      last = text;
    }
  })();
  return {
    port,
    dnsPort,
    first,
    abandon: () => void child.kill('SIGKILL'),
    async stop() {
      const closed = once(child, 'close');
      child.stdin.end();
      await Promise.all([reading, closed]);
      const { messages, duplicates, mostOpen, middleRate } = readAnswer(last, farewell);
      if (messages !== options.expected || duplicates > 0)
        throw new Error(`${messages} of ${options.expected} arrived, ${duplicates} of them twice`);
      return { mostOpen, middleRate: middleRate ?? Number.NaN };
    },
  };
}
