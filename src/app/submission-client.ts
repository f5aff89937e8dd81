import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { Clock } from '../base/index.ts';
import { stuffDots } from '../protocol/smtp/index.ts';

export type SubmissionServerPlace =
  | { readonly kind: 'socket'; readonly path: string }
  | {
      readonly kind: 'url';
      readonly host: string;
      readonly port: number;
      /** TLS from the first byte; else STARTTLS, but for this machine itself. */
      readonly implicitTls: boolean;
      readonly token: string;
    };

export type HandedOver = {
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly bytes: Buffer;
  readonly notify: string | null;
  readonly returns: 'FULL' | 'HDRS' | null;
  readonly envelopeId: string | null;
};

/** The last reply; its code begins with 2 where the mail was accepted. `null`: no such server, or it went away. */
export type HandOverReply = {
  readonly code: number;
  readonly text: string;
  readonly at: 'login' | 'mail' | 'rcpt' | 'data';
};

// RFC 5321 §4.5.3.2: 10 minutes for the final dot at most; a program that waits for sendmail should not hang longer.
const patienceMs = 10 * 60_000;

/** Hands one mail over by SMTP: what `todoku sendmail` does with a Todoku that runs. */
export async function submitBySmtp(
  place: SubmissionServerPlace,
  mail: HandedOver,
  clock: Clock,
): Promise<HandOverReply | null> {
  const opened = await openTo(place);
  if (opened === null) return null;
  const timer = clock.after(patienceMs, () => opened.destroy());
  const dialog = { socket: opened };
  try {
    return await converse(dialog, place, mail);
  } catch (error) {
    if (error instanceof ConnectionEnded) return null;
    throw error;
  } finally {
    timer.cancel();
    dialog.socket.destroy();
  }
}

class ConnectionEnded extends Error {}

async function openTo(place: SubmissionServerPlace): Promise<Socket | null> {
  const implicit = place.kind === 'url' && place.implicitTls;
  const socket =
    place.kind === 'socket'
      ? connect(place.path)
      : implicit
        ? connectTls({ host: place.host, port: place.port, servername: serverNameOf(place.host) })
        : connect(place.port, place.host);
  return await new Promise((resolve) => {
    socket.once(implicit ? 'secureConnect' : 'connect', () => resolve(socket));
    // Refused, no such socket, a certificate that is not trusted: there is nobody to hand over to.
    socket.once('error', () => resolve(null));
  });
}

/** RFC 6066 §3: no IP addresses. */
function serverNameOf(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

type Dialog = { socket: Socket };
type Reply = { readonly code: number; readonly text: string };

async function converse(
  dialog: Dialog,
  place: SubmissionServerPlace,
  mail: HandedOver,
): Promise<HandOverReply> {
  const greeting = await logIn(dialog, place);
  if (greeting.code >= 400) return { ...greeting, at: 'login' };
  const { sender, recipients, notify, returns, envelopeId } = mail;
  // oxlint-disable-next-line no-control-regex -- what is not ASCII is sought
  const needsUtf8 = [sender, ...recipients].some((address) => /[^\u0000-\u007f]/.test(address));
  const parameters = [
    ...(needsUtf8 ? ['SMTPUTF8'] : []),
    ...(returns === null ? [] : [`RET=${returns}`]),
    ...(envelopeId === null ? [] : [`ENVID=${xtext(envelopeId)}`]),
    `SIZE=${mail.bytes.length}`,
  ];
  const from = await ask(dialog.socket, `MAIL FROM:<${sender}> ${parameters.join(' ')}`);
  if (from.code !== 250) return { ...from, at: 'mail' };
  for (const recipient of recipients) {
    const to = await ask(
      dialog.socket,
      `RCPT TO:<${recipient}>${notify === null ? '' : ` NOTIFY=${notify}`}`,
    );
    // One that is wrong stops the mail: the program that called sendmail learns it, and nobody gets half of it.
    if (to.code !== 250) return { ...to, at: 'rcpt' };
  }
  const go = await ask(dialog.socket, 'DATA');
  if (go.code !== 354) return { ...go, at: 'data' };
  dialog.socket.write(stuffDots(mail.bytes));
  const end = await ask(dialog.socket, '.');
  dialog.socket.write('QUIT\r\n');
  return { ...end, at: 'data' };
}

async function logIn(dialog: Dialog, place: SubmissionServerPlace): Promise<Reply> {
  const greeting = await reply(dialog.socket);
  if (greeting.code !== 220) return greeting;
  let hello = await ask(dialog.socket, 'EHLO localhost');
  if (place.kind === 'socket') return hello;
  if (!place.implicitTls && /^STARTTLS$/im.test(hello.text)) {
    const ready = await ask(dialog.socket, 'STARTTLS');
    if (ready.code !== 220) return ready;
    const secure = connectTls({ socket: dialog.socket, servername: serverNameOf(place.host) });
    await secured(secure);
    dialog.socket = secure;
    hello = await ask(secure, 'EHLO localhost');
  }
  const proof = Buffer.from(`\0todoku-sendmail\0${place.token}`).toString('base64');
  return await ask(dialog.socket, `AUTH PLAIN ${proof}`);
}

async function secured(socket: Socket): Promise<void> {
  try {
    await once(socket, 'secureConnect');
  } catch (error) {
    throw new ConnectionEnded('no TLS', { cause: error });
  }
}

async function ask(socket: Socket, line: string): Promise<Reply> {
  socket.write(`${line}\r\n`);
  return await reply(socket);
}

/** RFC 5321 §4.2: lines of a code and a dash, then one without. */
async function reply(socket: Socket): Promise<Reply> {
  let text = '';
  return await new Promise((resolve, reject) => {
    const ended = (): void => done(() => reject(new ConnectionEnded()));
    const hear = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      const last = /^(\d{3}) (.*)\r?\n$/m.exec(text);
      if (last === null || !text.endsWith('\n')) return;
      const lines = text
        .trimEnd()
        .replaceAll(/^\d{3}[- ]/gm, '')
        .replaceAll('\r', '');
      done(() => resolve({ code: Number(last[1]), text: lines }));
    };
    const done = (settle: () => void): void => {
      socket.off('data', hear).off('close', ended).off('error', ended);
      settle();
    };
    socket.on('data', hear).once('close', ended).once('error', ended);
  });
}

/** RFC 3461 §4 */
function xtext(text: string): string {
  return text.replaceAll(
    /[^!-*,-<>-~]/g,
    (character) => `+${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
