import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { readAnswer } from './answer.ts';
import { limitMs } from './contenders/contender.ts';
import { measure } from './measure.ts';

const bin = fileURLToPath(new URL('../bin/todoku.js', import.meta.url));

export type ServingOptions = {
  /** Made when missing. */
  readonly folder: string;
  /** RSA-2048 in PEM form; null: unsigned. */
  readonly keyFile: string | null;
  /** Where everything is routed to. */
  readonly port: number;
};

/** `todoku serve` in a process of its own, with all doors for applications open. */
export type Serving = {
  readonly pid: number;
  readonly httpPort: number;
  readonly smtpPort: number;
  /** Where programs of the machine submit without a login. */
  readonly socket: string;
  readonly token: string;
  stop(): Promise<void>;
};

const started = z.object({
  doors: z.array(z.object({ name: z.string(), places: z.array(z.object({ port: z.number() })) })),
});
const made = z.object({ token: z.string() });

export async function startServing({ folder, keyFile, port }: ServingOptions): Promise<Serving> {
  mkdirSync(folder, { recursive: true });
  const dkim = keyFile === null ? [] : [{ selector: 's1', key: keyFile, algorithm: 'rsa-sha256' }];
  const socket = join(folder, 'submission.sock');
  const configuration = {
    delivery: { hostname: 'bench.example', routes: [{ domain: '*', host: '127.0.0.1', port }] },
    domains: [{ name: 'example.com', returnPath: 'bounce.example.com', dkim }],
    http: { listen: '127.0.0.1:0', limits: { requestsPerMinute: 10_000_000 } },
    inbound: { submission: { listen: '127.0.0.1:0', clearLoopback: true, socket } },
  };
  // YAML contains JSON.
  writeFileSync(join(folder, 'todoku.yaml'), JSON.stringify(configuration));
  const key = await measure([process.execPath, bin, 'key', 'create', 'bench', '--json'], {
    cwd: folder,
    limitMs,
  });
  const { token } = readAnswer(key.stdout, made);
  const child = spawn(process.execPath, [bin, 'serve', '--json'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { doors } = readAnswer(String((await lines.next()).value), started);
  const portOf = (name: string): number =>
    doors.find((door) => door.name === name)?.places.find((place) => place.port > 0)?.port ?? 0;
  return {
    pid: child.pid ?? 0,
    httpPort: portOf('http'),
    smtpPort: portOf('submission'),
    socket,
    token,
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
