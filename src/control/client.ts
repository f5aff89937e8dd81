import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../base/index.ts';
import { controlAddress } from './address.ts';
import { createLineReader, objectOf } from './lines.ts';

/** A connection to the process that serves in a data folder. One call at a time. */
export type ControlLine = {
  /** Throws the `AppError` that the other side met, or one that says that it ended. */
  call(name: string, input: unknown, onNews?: (news: unknown) => void): Promise<unknown>;
  /** Whatever is under way there for us is given up. */
  close(): void;
};

type Waiting = {
  readonly onNews: (news: unknown) => void;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** null: no Todoku serves in that folder. */
export async function connectControl(folder: string, version: string): Promise<ControlLine | null> {
  if (!existsSync(join(folder, 'control.sock'))) return null;
  const address = controlAddress(folder);
  if (address === null) return null;
  try {
    const socket = await connected(address.path);
    return socket === null ? null : lineOver(socket, version);
  } finally {
    address.release();
  }
}

/** null: the file is what a killed process left, or its process has just ended. */
async function connected(path: string): Promise<Socket | null> {
  return await new Promise((resolve, reject) => {
    const socket = createConnection(path);
    const refused = (error: Error): void => {
      const code = 'code' in error ? error.code : null;
      if (code === 'ECONNREFUSED' || code === 'ENOENT') resolve(null);
      else reject(error);
    };
    socket.once('error', refused);
    socket.once('connect', () => {
      socket.removeListener('error', refused);
      resolve(socket);
    });
  });
}

function lineOver(socket: Socket, version: string): ControlLine {
  let waiting: Waiting | null = null;
  const settle = (): Waiting | null => {
    const current = waiting;
    waiting = null;
    return current;
  };
  const hear = (line: string): void => {
    const message = objectOf(line) ?? {};
    if ('news' in message) waiting?.onNews(message['news']);
    else if ('answer' in message) settle()?.resolve(message['answer']);
    else settle()?.reject(failureOf(message['failure']));
  };
  socket.on(
    'data',
    createLineReader(hear, () => socket.destroy()),
  );
  // Told by 'close', with or without an error.
  socket.on('error', () => socket.destroy());
  socket.once('close', () => settle()?.reject(ended()));
  return {
    async call(name, input, onNews = () => undefined) {
      if (waiting !== null) throw new Error(`${name}: another call is under way`);
      if (socket.destroyed) throw ended();
      return await new Promise((resolve, reject) => {
        waiting = { onNews, resolve, reject };
        socket.write(`${JSON.stringify({ todoku: version, call: name, input })}\n`);
      });
    },
    close: () => void socket.destroy(),
  };
}

const bilingual = z.object({ ja: z.string(), en: z.string() });
const failure = z.object({
  code: z.string(),
  message: bilingual,
  hint: bilingual.nullable(),
  exitCode: z.union([z.literal(1), z.literal(2), z.literal(130)]),
});

function failureOf(told: unknown): Error {
  const parsed = failure.safeParse(told);
  if (!parsed.success) return new Error(`the running Todoku: ${JSON.stringify(told)}`);
  const facts = parsed.data;
  const hint = facts.hint === null ? {} : { hint: facts.hint };
  return new AppError({ code: facts.code, message: facts.message, exitCode: facts.exitCode, ...hint });
}

function ended(): AppError {
  return new AppError({
    code: 'control-ended',
    message: {
      ja: '動作中の Todoku が終了しました。受け付け済みのメールは失われません',
      en: 'the running Todoku ended; what it had accepted is not lost',
    },
    hint: {
      ja: '`todoku ledger` で状態を確かめてください',
      en: '`todoku ledger` shows how far it is',
    },
    exitCode: 1,
  });
}
