import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { join } from 'node:path';
import { AppError } from '../base/index.ts';
import { controlAddress } from './address.ts';
import { createLineReader, objectOf } from './lines.ts';

/** One connection of another command. */
export type ControlSession = {
  /** Aborted when the other side has gone, or this process ends. */
  readonly signal: AbortSignal;
  /** Something on the way to the answer. */
  news(value: unknown): void;
  /** Runs when the connection ends, the newest first; what was begun and not finished is undone there. */
  atEnd(undo: () => void): void;
};

/** Answers a call with a JSON value; an `AppError` is told to the other side as it is. */
export type ControlAction = (input: unknown, session: ControlSession) => unknown;

export type ControlActions = Readonly<Record<string, ControlAction>>;

export type ControlParts = {
  /** The data folder that this process works in: nobody else listens there. */
  readonly folder: string;
  readonly version: string;
  readonly actions: ControlActions;
  /** A fault in an action, or of the socket. */
  readonly onTrouble: (error: unknown) => void;
};

export type Control = {
  /** Closes; those who wait for an answer are told that this process ends. */
  stop(): Promise<void>;
};

// Commands of one user on one machine; more is a loop in somebody's script.
const mostConnections = 256;

/** Listens for other commands in the data folder; null where the system cannot (see controlAddress). */
export async function openControl(parts: ControlParts): Promise<Control | null> {
  const address = controlAddress(parts.folder);
  if (address === null) return null;
  // What a killed process left; the lock on the folder says that nobody listens.
  rmSync(join(parts.folder, 'control.sock'), { force: true });
  const sockets = new Map<Socket, AbortController>();
  const server = createServer((socket) => {
    sockets.set(socket, hear(socket, parts));
    socket.once('close', () => sockets.delete(socket));
  });
  server.maxConnections = mostConnections;
  server.on('error', parts.onTrouble);
  await listen(server, address.path);
  // The folder is its owner's alone; the socket says so itself, should somebody have opened the folder to others.
  chmodSync(join(parts.folder, 'control.sock'), 0o600);
  return {
    async stop() {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      for (const ending of sockets.values()) ending.abort();
      // What ends by that still answers, in this turn.
      await new Promise<void>((resolve) => void setImmediate(resolve));
      for (const socket of sockets.keys()) socket.destroySoon();
      await closed;
      address.release();
    },
  };
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function hear(socket: Socket, parts: ControlParts): AbortController {
  const gone = new AbortController();
  const undo: (() => void)[] = [];
  const tell = (value: unknown): void => {
    if (socket.writable) socket.write(`${JSON.stringify(value)}\n`);
  };
  const session: ControlSession = {
    signal: gone.signal,
    news: (value) => tell({ news: value }),
    atEnd: (step) => void undo.unshift(step),
  };
  // One after the other: what a connection asks for builds on what it asked before.
  let work = Promise.resolve();
  const take = (line: string): void => {
    work = work.then(async () => tell(await answer(line, { parts, session })));
  };
  const end = (): void => {
    gone.abort();
    work = work.then(() => undo.splice(0).forEach((step) => step()));
    work.catch(parts.onTrouble);
  };
  socket.on(
    'data',
    createLineReader(take, () => socket.destroy()),
  );
  // A caller that goes away resets the connection; what it began is undone at 'close'.
  socket.on('error', () => socket.destroy());
  socket.once('close', end);
  return gone;
}

type Answering = { readonly parts: ControlParts; readonly session: ControlSession };

async function answer(line: string, { parts, session }: Answering): Promise<unknown> {
  try {
    const request = objectOf(line);
    if (request?.['todoku'] !== parts.version) throw otherVersion(parts.version);
    const name = request['call'];
    const action =
      typeof name === 'string' && Object.hasOwn(parts.actions, name) ? parts.actions[name] : undefined;
    if (action === undefined) throw otherVersion(parts.version);
    return { answer: (await action(request['input'], session)) ?? null };
  } catch (error) {
    if (error instanceof AppError) return { failure: factsOf(error) };
    parts.onTrouble(error);
    return { failure: { fault: error instanceof Error ? `${error.name}: ${error.message}` : String(error) } };
  }
}

function factsOf({ code, text, hint, exitCode }: AppError): Readonly<Record<string, unknown>> {
  return { code, message: text, hint: hint ?? null, exitCode };
}

function otherVersion(version: string): AppError {
  return new AppError({
    code: 'control-other-version',
    message: {
      ja: `動作中の Todoku はバージョン ${version} で、このコマンドとは異なります`,
      en: `the running Todoku is version ${version}, and this command is another`,
    },
    hint: { ja: '`todoku serve` を再起動してください', en: 'restart `todoku serve`' },
  });
}
