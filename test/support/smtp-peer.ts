import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Certificate } from './certificate.ts';

/** One step of a scripted server. Steps run in order on each connection. */
export type PeerStep =
  | { readonly kind: 'expect'; readonly line: RegExp }
  | { readonly kind: 'body' | 'chunk' }
  | { readonly kind: 'send'; readonly bytes: Buffer; readonly cutAt: number | null }
  | { readonly kind: 'tls'; readonly certificate: Certificate }
  | { readonly kind: 'end' | 'reset' | 'stay' | 'deaf' }
  | { readonly kind: 'mark' | 'hold'; readonly name: string };

export type SmtpPeer = {
  readonly port: number;
  /** Command lines and `(body)` as received, all connections. */
  readonly lines: readonly string[];
  readonly bodies: readonly string[];
  readonly connections: number;
  /** Expectations that were not met. */
  readonly faults: readonly string[];
  /** Resolves when a connection has come to `mark(name)`. */
  marked(name: string): Promise<void>;
  /** Lets `hold(name)` go on. */
  release(name: string): void;
  /** Rejects when an expectation was not met. */
  close(): Promise<void>;
};

/** The next line must match. */
export const expectLine = (line: RegExp): PeerStep => ({ kind: 'expect', line });
/** Reads up to the final dot. */
export const body = (): PeerStep => ({ kind: 'body' });
/** Reads `BDAT n LAST` and the n octets behind it, which must end with CRLF. */
export const bdat = (): PeerStep => ({ kind: 'chunk' });
/** Sends lines, each with CRLF, in one write; `cutAt` makes two writes of it. */
export const reply = (text: string | readonly string[], cutAt: number | null = null): PeerStep => {
  const lines = typeof text === 'string' ? [text] : text;
  return { kind: 'send', bytes: Buffer.from(lines.map((line) => `${line}\r\n`).join('')), cutAt };
};
export const sendBytes = (bytes: Buffer): PeerStep => ({ kind: 'send', bytes, cutAt: null });
export const tls = (certificate: Certificate): PeerStep => ({ kind: 'tls', certificate });
/** Closes the connection. */
export const end = (): PeerStep => ({ kind: 'end' });
/** Closes it with a TCP reset. */
export const reset = (): PeerStep => ({ kind: 'reset' });
/** Keeps it open, reads on, answers nothing. */
export const stay = (): PeerStep => ({ kind: 'stay' });
/** Keeps it open and does not even read. */
export const deaf = (): PeerStep => ({ kind: 'deaf' });
export const mark = (name: string): PeerStep => ({ kind: 'mark', name });
export const hold = (name: string): PeerStep => ({ kind: 'hold', name });

/** A gate that opens once, by either side first. */
class Gates {
  readonly #open = new Map<string, PromiseWithResolvers<void>>();

  get(name: string): PromiseWithResolvers<void> {
    let gate = this.#open.get(name);
    if (gate === undefined) this.#open.set(name, (gate = Promise.withResolvers<void>()));
    return gate;
  }
}

/** Starts a server on loopback whose n-th connection follows the n-th script, the last one for all that come after. */
export async function startSmtpPeer(...scripts: readonly (readonly PeerStep[])[]): Promise<SmtpPeer> {
  const peer = new ScriptedPeer(scripts);
  await peer.listen();
  return peer;
}

class ScriptedPeer implements SmtpPeer {
  readonly lines: string[] = [];
  readonly bodies: string[] = [];
  readonly faults: string[] = [];
  connections = 0;
  readonly #scripts: readonly (readonly PeerStep[])[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #marks = new Gates();
  readonly #holds = new Gates();

  constructor(scripts: readonly (readonly PeerStep[])[]) {
    this.#scripts = scripts;
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    // A TCP server that listens has an AddressInfo.
    return (this.#server.address() as AddressInfo).port;
  }

  marked(name: string): Promise<void> {
    return this.#marks.get(name).promise;
  }

  release(name: string): void {
    this.#holds.get(name).resolve();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    if (this.faults.length > 0) throw new Error(`the dialog went another way: ${this.faults.join('; ')}`);
  }

  #accept(socket: Socket): void {
    const script = this.#scripts[Math.min(this.connections, this.#scripts.length - 1)] ?? [];
    this.connections += 1;
    this.#sockets.add(socket);
    socket.on('error', () => {}); // resets are part of the scripts
    this.#run(socket, script).catch((error: unknown) => {
      this.faults.push(String(error));
      socket.destroy();
    });
  }

  async #run(first: Socket, script: readonly PeerStep[]): Promise<void> {
    let socket = first;
    let reader = new LineReader(socket);
    for (const step of script) {
      if (step.kind === 'tls') {
        reader.stop();
        socket = serveTls(socket, step.certificate);
        this.#sockets.add(socket);
        reader = new LineReader(socket);
      } else if (!(await this.#step(step, socket, reader))) {
        return;
      }
    }
    socket.end();
  }

  /** false ends the script. */
  async #step(
    step: Exclude<PeerStep, { kind: 'tls' }>,
    socket: Socket,
    reader: LineReader,
  ): Promise<boolean> {
    switch (step.kind) {
      case 'expect':
        return this.#expect(step.line, reader);
      case 'body':
        return this.#body(reader);
      case 'chunk':
        return this.#chunk(reader);
      case 'send':
        await send(socket, step.bytes, step.cutAt);
        return true;
      case 'mark':
        this.#marks.get(step.name).resolve();
        return true;
      case 'hold':
        await this.#holds.get(step.name).promise;
        return true;
      case 'end':
        socket.end();
        return false;
      case 'reset':
        socket.resetAndDestroy();
        return false;
      case 'deaf':
        reader.stop();
        socket.pause();
        return false;
      case 'stay':
        return false;
    }
  }

  async #expect(pattern: RegExp, reader: LineReader): Promise<boolean> {
    const line = await reader.line();
    if (line === null) {
      this.faults.push(`connection closed while waiting for ${String(pattern)}`);
      return false;
    }
    this.lines.push(line);
    if (!pattern.test(line)) this.faults.push(`expected ${String(pattern)}, got ${line}`);
    return true;
  }

  async #body(reader: LineReader): Promise<boolean> {
    const lines: string[] = [];
    for (let line = await reader.line(); line !== '.'; line = await reader.line()) {
      if (line === null) {
        this.faults.push('connection closed within the body');
        return false;
      }
      lines.push(line.startsWith('.') ? line.slice(1) : line);
    }
    this.lines.push('(body)');
    this.bodies.push(lines.map((line) => `${line}\r\n`).join(''));
    return true;
  }

  async #chunk(reader: LineReader): Promise<boolean> {
    const command = /^BDAT (\d+) LAST$/;
    if (!(await this.#expect(command, reader))) return false;
    const octets = Number(command.exec(this.lines.at(-1) ?? '')?.[1]);
    let text = '';
    while (Buffer.byteLength(text) < octets) {
      const line = await reader.line();
      if (line === null) {
        this.faults.push('connection closed within a chunk');
        return false;
      }
      text += `${line}\r\n`;
    }
    if (Buffer.byteLength(text) !== octets)
      this.faults.push(`a chunk of ${octets} octets ends within a line`);
    this.bodies.push(text);
    return true;
  }
}

async function send(socket: Socket, bytes: Buffer, cutAt: number | null): Promise<void> {
  const parts = cutAt === null ? [bytes] : [bytes.subarray(0, cutAt), bytes.subarray(cutAt)];
  for (const part of parts.filter(({ length }) => length > 0)) {
    await new Promise<void>((resolve) => socket.write(part, () => resolve()));
    // A turn of the loop in between, so that the two parts are two segments and usually two reads.
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function serveTls(socket: Socket, certificate: Certificate): TLSSocket {
  const secure = new TLSSocket(socket, { isServer: true, secureContext: createSecureContext(certificate) });
  secure.on('error', () => {});
  return secure;
}

/** Cuts what arrives into lines. */
class LineReader {
  readonly #socket: Socket;
  #rest = '';
  readonly #lines: string[] = [];
  #waiting: ((line: string | null) => void) | null = null;
  #over = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#received);
    socket.on('close', this.#closed);
    socket.on('end', this.#closed);
  }

  line(): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) return Promise.resolve(line);
    if (this.#over) return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  stop(): void {
    this.#socket.off('data', this.#received);
    this.#socket.off('close', this.#closed);
    this.#socket.off('end', this.#closed);
  }

  readonly #received = (chunk: Buffer): void => {
    const parts = (this.#rest + chunk.toString('utf8')).split('\r\n');
    this.#rest = parts.pop() ?? '';
    this.#lines.push(...parts);
    if (this.#waiting !== null && this.#lines.length > 0) this.#answer(this.#lines.shift() ?? null);
  };

  readonly #closed = (): void => {
    this.#over = true;
    if (this.#waiting !== null) this.#answer(null);
  };

  #answer(line: string | null): void {
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.(line);
  }
}
