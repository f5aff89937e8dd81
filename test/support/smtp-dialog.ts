import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** A hand-driven SMTP client for tests: sends exactly what it is told, and waits for replies line by line. */
export type SmtpDialog = {
  readonly socket: Socket;
  send(text: string | Buffer): void;
  /** The next whole reply, continuation lines joined by LF; `<closed>` or `<reset>` when the connection ended first. */
  reply(): Promise<string>;
  /** `send` with CRLF added, then `reply`. */
  ask(line: string): Promise<string>;
  /** Resolves when the connection is over, with how. */
  readonly closed: Promise<'<closed>' | '<reset>'>;
  destroy(): void;
};

/** Connects; rejects with the system's error when refused. */
export async function openSmtpDialog(port: number, address = '127.0.0.1'): Promise<SmtpDialog> {
  const socket = connect(port, address);
  await once(socket, 'connect');
  return driveSmtpDialog(socket);
}

/** Drives a socket that is already connected, e.g. one upgraded to TLS. */
export function driveSmtpDialog(socket: Socket): SmtpDialog {
  let text = '';
  let wake: (() => void) | null = null;
  let ending: '<closed>' | '<reset>' | null = null;
  const closed = new Promise<'<closed>' | '<reset>'>((resolve) => {
    socket.on('error', () => (ending = '<reset>'));
    socket.once('close', () => {
      ending ??= '<closed>';
      wake?.();
      resolve(ending);
    });
  });
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
    wake?.();
  });
  const take = (): string | null => {
    const match = /^(?:\d{3}-[^\r\n]*\r\n)*(?!\d{3}-)[^\r\n]*\r\n/.exec(text);
    if (match === null) return null;
    text = text.slice(match[0].length);
    return match[0].trimEnd().replaceAll('\r\n', '\n');
  };
  const reply = async (): Promise<string> => {
    for (;;) {
      const whole = take();
      if (whole !== null) return whole;
      if (ending !== null) return ending;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    socket,
    send: (bytes) => void socket.write(bytes),
    reply,
    ask(line) {
      socket.write(`${line}\r\n`);
      return reply();
    },
    closed,
    destroy: () => void socket.destroy(),
  };
}
