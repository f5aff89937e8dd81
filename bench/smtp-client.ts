import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { once } from 'node:events';
import { systemClock } from '../src/base/index.ts';
import { defaultTimeouts, dial } from '../src/net/smtp-client/index.ts';
import type { DialOptions, SmtpSession } from '../src/net/smtp-client/index.ts';
import { startSinkProcess } from './sink-process.ts';

/**
 * CPU time of the SMTP client alone, per message, with the sink in a process of its own: step by step, PIPELINING with DATA,
 * whole transactions with BDAT, and for comparison a bare socket that writes the same bytes and counts replies. Then the
 * rate over a line with a delay. Variants interleaved, medians. `npx node bench/smtp-client.ts`
 */
const rounds = 7;
const sizes = [
  { octets: 2_048, messages: 20_000 },
  { octets: 40_960, messages: 5_000 },
];
const sessionCounts = [1, 8];
const roundTripsMs = [20, 100];

type Variant = { readonly name: string; readonly run: (task: Task) => Promise<void> };
type Task = {
  readonly port: number;
  readonly body: Buffer;
  readonly messages: number;
  readonly sessions: number;
};

const client = (name: string, more: Partial<DialOptions>): Variant => ({
  name,
  run: (task) => sendAll(task, more),
});
const stepByStep = client('step by step', { pipelining: false });
const data = client('DATA', {});
const bdat = client('BDAT', { chunking: true });
const bare: Variant = { name: 'bare socket', run: writeAll };

async function openSession(port: number, more: Partial<DialOptions>): Promise<SmtpSession> {
  const dialled = await dial({
    host: 'sink.test',
    address: '127.0.0.1',
    port,
    localAddress: null,
    hostname: 'bench.example',
    tls: { mode: 'none', context: null },
    timeouts: defaultTimeouts,
    clock: systemClock,
    ...more,
  });
  if (!dialled.ok) throw new Error(JSON.stringify(dialled.failure));
  return dialled.session;
}

async function sendAll(task: Task, more: Partial<DialOptions>): Promise<void> {
  const sessions = await Promise.all(
    Array.from({ length: task.sessions }, () => openSession(task.port, more)),
  );
  let begun = 0;
  let accepted = 0;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const sendOne = async (session: SmtpSession): Promise<void> => {
    const to = `user${begun++}@example.jp`;
    const from = `b+${to}@example.com`;
    const result = await session.send({
      from,
      to,
      body: task.body,
      dotSafe: true,
      eightBit: false,
      smtpUtf8: false,
    });
    if (result.kind !== 'accepted') throw new Error(JSON.stringify(result));
    if (++accepted === task.messages) resolve();
  };
  for (const session of sessions) {
    const refill = (): void => {
      while (session.room > 0 && begun < task.messages) sendOne(session).catch(reject);
    };
    session.onChange(refill);
    refill();
  }
  await promise;
  await Promise.all(sessions.map((session) => session.quit()));
}

/** The floor: for every message one write and one read, and nothing thought. */
async function writeAll(task: Task): Promise<void> {
  const envelope = 'MAIL FROM:<b@example.com>\r\nRCPT TO:<u@example.jp>\r\nDATA\r\n';
  const each = Buffer.concat([task.body, Buffer.from(`.\r\n${envelope}`)]);
  let begun = 0;
  const one = async (): Promise<void> => {
    const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'data');
    socket.write('EHLO bench.example\r\n');
    await once(socket, 'data');
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('data', (chunk: Buffer) => {
      // The 354 is the last line of each batch.
      if (!chunk.includes('354 ')) return;
      if (begun++ < task.messages) socket.write(each);
      else resolve();
    });
    socket.write(envelope);
    await promise;
    socket.destroy();
  };
  await Promise.all(Array.from({ length: task.sessions }, one));
}

function bodyOf(octets: number): Buffer {
  const head = 'Subject: bench\r\nMessage-ID: <1@bench.example>\r\n\r\n';
  return Buffer.from(head + `${'x'.repeat(74)}\r\n`.repeat(Math.ceil((octets - head.length) / 76)));
}

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;

async function measureCpu(variants: readonly Variant[], task: Task): Promise<void> {
  const costsMs = variants.map((): number[] => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { run }] of variants.entries()) {
      const before = process.cpuUsage();
      await run(task);
      const spent = process.cpuUsage(before);
      // The first round warms the compiler up.
      if (round > 0) costsMs[at]?.push((spent.user + spent.system) / 1000 / task.messages);
    }
  }
  const figures = variants.map(({ name }, at) => `${name} ${median(costsMs[at] ?? []).toFixed(4)}`);
  console.log(
    `${task.body.length} octets, ${task.sessions} sessions, CPU ms per message: ${figures.join(', ')}`,
  );
}

/** Hands everything on after half the round trip, in order. */
function pipe(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (chunk: Buffer) => setTimeout(() => to.write(chunk), delayMs));
  from.on('close', () => setTimeout(() => to.destroy(), delayMs));
  from.on('error', () => from.destroy());
}

async function startSlowLine(port: number, roundTripMs: number): Promise<Server> {
  const line = createServer({ noDelay: true }, (near) => {
    const far = connect({ port, host: '127.0.0.1', noDelay: true });
    pipe(near, far, roundTripMs / 2);
    pipe(far, near, roundTripMs / 2);
  });
  await once(line.listen(0, '127.0.0.1'), 'listening');
  return line;
}

const sink = await startSinkProcess(Number.MAX_SAFE_INTEGER);
for (const { octets, messages } of sizes) {
  const body = bodyOf(octets);
  for (const sessions of sessionCounts)
    await measureCpu([stepByStep, data, bdat, bare], { port: sink.port, body, messages, sessions });
}
for (const roundTripMs of roundTripsMs) {
  const line = await startSlowLine(sink.port, roundTripMs);
  const address = line.address();
  if (address === null || typeof address === 'string') throw new Error('the line does not listen on TCP');
  const { port } = address;
  for (const { octets } of sizes) {
    const rates: string[] = [];
    for (const { name, run } of [stepByStep, data, bdat]) {
      const startedMs = performance.now();
      await run({ port, body: bodyOf(octets), messages: 200, sessions: 10 });
      rates.push(`${name} ${((200 / (performance.now() - startedMs)) * 100).toFixed(1)}`);
    }
    console.log(
      `${octets} octets, ${roundTripMs} ms round trip, messages per second and session: ${rates.join(', ')}`,
    );
  }
  line.close();
}
await sink.stop();
