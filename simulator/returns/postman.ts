import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { Clock } from '../../src/base/index.ts';
import type { ReturnMail } from './returned-mail.ts';

export type Endpoint = { readonly host: string; readonly port: number };

/** Brings mail to one server over one connection, one after the other. */
export type Postman = {
  post(mail: ReturnMail): void;
  /** Mails not brought yet. */
  readonly waiting: number;
  stop(): void;
};

export type PostmanOptions = {
  /** Asked at each connection. */
  readonly to: () => Endpoint;
  readonly clock: Clock;
  /** The last word of the server on a mail: `250 …` or `5xx …`; what is put off with 4xx is tried again. */
  readonly answered: (mail: ReturnMail, reply: string) => void;
};

// A simulated provider is in no hurry, but a test that restarts the receiver should not wait for it.
const retryMs = 250;

export function createPostman({ to, clock, answered }: PostmanOptions): Postman {
  const queue: ReturnMail[] = [];
  let isBusy = false;
  let isStopped = false;
  let socket: Socket | null = null;
  const pump = (): void => {
    if (isBusy || isStopped || queue.length === 0) return;
    isBusy = true;
    work()
      // A receiver that is down or hangs up: everything not answered is brought again.
      .catch(() => undefined)
      .finally(() => {
        socket?.destroy();
        socket = null;
        isBusy = false;
        if (queue.length > 0) clock.after(retryMs, pump);
      });
  };
  const work = async (): Promise<void> => {
    // Nagle would wait 40 ms for the acknowledgement of each mail's first packet.
    socket = connect({ ...to(), noDelay: true });
    const dialog = readReplies(socket);
    await dialog.expect('2');
    await dialog.ask('EHLO mx.simulator.test', '2');
    for (let next = queue[0]; next !== undefined && !isStopped; next = queue[0]) {
      const reply = await bring(next, dialog);
      if (reply.startsWith('4')) return;
      queue.shift();
      answered(next, reply);
    }
    socket.end('QUIT\r\n');
  };
  return {
    post(mail) {
      queue.push(mail);
      pump();
    },
    get waiting() {
      return queue.length;
    },
    stop() {
      isStopped = true;
      socket?.destroy();
    },
  };
}

async function bring(mail: ReturnMail, dialog: Dialog): Promise<string> {
  const steps = [`MAIL FROM:<${mail.from}>`, `RCPT TO:<${mail.to}>`, 'DATA'];
  for (const step of steps) {
    const reply = await dialog.ask(step, null);
    if (/^[23]/.test(reply)) continue;
    await dialog.ask('RSET', null);
    return reply;
  }
  // RFC 5321 §4.5.2.
  return await dialog.ask(`${mail.text.replaceAll(/^\./gm, '..')}.`, null);
}

type Dialog = {
  /** The next reply; rejects when it does not begin with `first`, or the connection ends. */
  expect(first: string | null): Promise<string>;
  ask(line: string, first: string | null): Promise<string>;
};

function readReplies(socket: Socket): Dialog {
  let text = '';
  let wake: (() => void) | null = null;
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    text += chunk;
    wake?.();
  });
  socket.on('close', () => wake?.());
  // `close` follows and ends the wait.
  socket.on('error', () => undefined);
  const expect = async (first: string | null): Promise<string> => {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*(\d{3} .*)\r\n/.exec(text);
      if (match !== null) {
        text = text.slice(match[0].length);
        const reply = match[1] ?? '';
        if (first !== null && !reply.startsWith(first)) throw new Error(reply);
        return reply;
      }
      if (socket.closed) throw new Error('connection closed');
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return {
    expect,
    async ask(line, first) {
      socket.write(`${line}\r\n`, 'latin1');
      return await expect(first);
    },
  };
}
