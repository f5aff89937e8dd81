import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeCertificate } from '../../test/support/certificate.ts';
import type { Certificate } from '../../test/support/certificate.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { StorageFull, systemClock } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { makeReturnPath, makeToken } from '../protocol/return-path/index.ts';
import { createDestinations } from './destination.ts';
import type { Answer, Arrival } from './intake.ts';
import { startListener } from './listener.ts';
import type { Listener, ListenerLimits } from './listener.ts';

const key = randomBytes(32);
const domain = 'bounce.example.jp';
const ours = makeReturnPath({ message: 7, domain, key });
const forged = makeReturnPath({ message: 7, domain, key: randomBytes(32) });
const limits: ListenerLimits = {
  messageBytes: 20_000,
  connections: 10,
  connectionsPerClient: 5,
  mailsPerMinute: 100,
  recipients: 3,
  idleMs: 60_000,
  sessionMs: 600_000,
};

let tls: Certificate;
beforeAll(async () => {
  tls = await makeCertificate('mx.example.jp');
});

let listener: Listener | null = null;
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await listener?.close(0);
  listener = null;
});

type Start = {
  readonly limits?: Partial<ListenerLimits>;
  readonly clock?: Clock;
  /** What becomes of it; nothing: news. */
  readonly take?: (arrival: Arrival) => Answer | void;
};

/** Starts a listener that hands every mail to `take`; the list has those that it took. */
async function start(options: Start = {}): Promise<Arrival[]> {
  const taken: Arrival[] = [];
  listener = await startListener({
    listen: { host: '127.0.0.1', port: 0 },
    hostname: 'mx.example.jp',
    tls,
    destination: createDestinations({ returnPathDomains: [domain], domains: ['example.jp'], keys: [key] }),
    batch: {
      add: (arrival) =>
        Promise.resolve().then(() => {
          const disposition = options.take?.(arrival) ?? 'news';
          taken.push(arrival);
          return disposition;
        }),
      flush: () => {},
    },
    clock: options.clock ?? systemClock,
    limits: { ...limits, ...options.limits },
    diagnose: null,
    onNews: () => {},
    onTrouble: () => {},
  });
  return taken;
}

/** A client that reads one reply a step. */
class Client {
  readonly socket: Socket;
  #text = '';
  readonly #changed: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    sockets.push(socket);
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1');
      for (const wake of this.#changed.splice(0)) wake();
    });
    socket.on('close', () => {
      for (const wake of this.#changed.splice(0)) wake();
    });
    socket.on('error', () => {});
  }

  /** The next reply, its lines together; what is there when the connection ends. */
  async reply(): Promise<string> {
    for (;;) {
      const match = /^(?:\d{3}-.*\r\n)*\d{3}(?: .*)?\r\n/.exec(this.#text);
      if (match !== null) {
        this.#text = this.#text.slice(match[0].length);
        return match[0].trimEnd();
      }
      if (this.socket.closed) return `closed: ${this.#text}`;
      await new Promise<void>((resolve) => this.#changed.push(resolve));
    }
  }

  async say(line: string): Promise<string> {
    this.socket.write(`${line}\r\n`);
    return await this.reply();
  }
}

async function client(): Promise<Client> {
  const socket = connect(listener?.port ?? 0, '127.0.0.1');
  const made = new Client(socket);
  await once(socket, 'connect');
  return made;
}

async function greeted(): Promise<Client> {
  const made = await client();
  expect(await made.reply()).toMatch(/^220 mx\.example\.jp /);
  expect(await made.say('EHLO sender.example')).toMatch(/^250-/);
  return made;
}

/** From MAIL to the reply to the final dot, or to the first refusal. */
async function deliver(made: Client, to: readonly string[], data: string): Promise<string> {
  const mail = await made.say('MAIL FROM:<>');
  if (!mail.startsWith('250')) return mail;
  const replies: string[] = [];
  for (const each of to) replies.push(await made.say(`RCPT TO:<${each}>`));
  if (!replies.some((each) => each.startsWith('250'))) return replies.at(-1) ?? '';
  expect(await made.say('DATA')).toMatch(/^354 /);
  made.socket.write(data);
  return await made.reply();
}

const bounce = 'Subject: Returned mail\r\n\r\nUser unknown\r\n';

describe('whom it takes mail for', () => {
  it.each([
    ours,
    ours.toUpperCase(),
    `unsubscribe+${makeToken({ purpose: 'unsubscribe', id: 7, key })}@${domain}`,
    `bounce@${domain}`,
    'fbl@example.jp',
    'dmarc@EXAMPLE.jp',
    'tlsrpt@example.jp',
    'unsubscribe@example.jp',
    'Postmaster@example.jp',
    'abuse@example.jp',
  ])('takes mail to %s', async (to) => {
    const taken = await start();
    expect(await deliver(await greeted(), [to], `${bounce}.\r\n`)).toMatch(/^250 2\.0\.0 /);
    expect(taken).toMatchObject([{ via: 'smtp', recipients: [to] }]);
    expect(Buffer.from(taken[0]?.mail ?? []).toString()).toBe(bounce);
  });

  it.each([
    [forged, /^550 5\.7\.1 This return path was not issued by us/],
    [ours.replace(domain, 'example.jp'), /^550 5\.1\.1 /],
    [`taro@${domain}`, /^550 5\.1\.1 /],
    [`unsubscribe+${makeToken({ purpose: 'click', id: 7, key })}@${domain}`, /^550 5\.7\.1 /],
    ['taro@elsewhere.jp', /^550 5\.7\.1 Relaying/],
    ['"bounce"@elsewhere.jp', /^550 5\.7\.1 Relaying/],
  ])('refuses %s at RCPT', async (to, reply) => {
    const taken = await start();
    expect(await deliver(await greeted(), [to], `${bounce}.\r\n`)).toMatch(reply);
    expect(taken).toEqual([]);
  });

  it('takes a mail for those of its recipients that are ours', async () => {
    const taken = await start();
    expect(await deliver(await greeted(), [forged, ours], `${bounce}.\r\n`)).toMatch(/^250 /);
    expect(taken).toMatchObject([{ recipients: [ours] }]);
  });

  it('ends the session of somebody who guesses', async () => {
    await start();
    const made = await greeted();
    await made.say('MAIL FROM:<>');
    for (let tries = 0; tries < 10; tries += 1)
      expect(await made.say(`RCPT TO:<${forged}>`)).toMatch(/^550 /);
    expect(await made.say(`RCPT TO:<${forged}>`)).toMatch(/^421 4\.7\.0 /);
  });
});

describe('what it says when', () => {
  it('says 452 when the disk is full, and takes the same mail when there is room', async () => {
    let isFull = true;
    const full = new StorageFull('full', { code: 'storage-full', message: { ja: '-', en: '-' } });
    const taken = await start({
      take() {
        if (isFull) throw full;
      },
    });
    const made = await greeted();
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^452 4\.3\.1 /);
    expect(taken).toEqual([]);
    isFull = false;
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
  });

  it('says 452 when there is no room for a letter: its sender keeps it, and nothing is lost', async () => {
    await start({ take: () => 'no-room' });
    const made = await greeted();
    expect(await deliver(made, ['postmaster'], `${bounce}.\r\n`)).toMatch(/^452 4\.3\.1 /);
  });

  it('says 451 to a fault, and lives on', async () => {
    let faults = 1;
    await start({
      take() {
        if (faults-- > 0) throw new Error('a bug');
      },
    });
    const made = await greeted();
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^451 4\.3\.0 /);
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
  });

  it('says 250 only when the mail is taken', async () => {
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const batch = {
      async add(): Promise<'news'> {
        arrived.resolve();
        await gate.promise;
        return 'news';
      },
      flush: () => {},
    };
    listener = await startListener({
      listen: { host: '127.0.0.1', port: 0 },
      hostname: 'mx.example.jp',
      tls,
      destination: () => ({ kind: 'role', role: 'bounce' }),
      batch,
      clock: systemClock,
      limits,
      diagnose: null,
      onNews: () => {},
      onTrouble: () => {},
    });
    const made = await greeted();
    let answer: string | null = null;
    const answered = deliver(made, [ours], `${bounce}.\r\n`).then((reply) => (answer = reply));
    await arrived.promise;
    expect(answer).toBeNull();
    gate.resolve();
    expect(await answered).toMatch(/^250 /);
  });

  it('encrypts when the client asks for it, and forgets what was said before', async () => {
    const taken = await start();
    const made = await greeted();
    expect(await made.say('MAIL FROM:<>')).toMatch(/^250 /);
    // A command that was pipelined behind STARTTLS came in the clear: whoever put it there, it is not carried out.
    made.socket.write('STARTTLS\r\nRCPT TO:<postmaster>\r\n');
    expect(await made.reply()).toMatch(/^220 /);
    made.socket.removeAllListeners('data');
    const secure = connectTls({ socket: made.socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    const inside = new Client(secure);
    expect(await inside.say('EHLO sender.example')).not.toMatch(/STARTTLS/);
    expect(await deliver(inside, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
    expect(taken).toMatchObject([{ recipients: [ours] }]);
  });
});

describe('limits', () => {
  it('refuses a declared size before the mail, and a real one after it, keeping none of it', async () => {
    const taken = await start();
    const made = await greeted();
    expect(await made.say('MAIL FROM:<> SIZE=20001')).toMatch(/^552 /);
    const large = `X: y\r\n\r\n${`${'x'.repeat(76)}\r\n`.repeat(300)}.\r\n`;
    expect(await deliver(made, [ours], large)).toMatch(/^552 5\.3\.4 /);
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
    expect(taken).toHaveLength(1);
  });

  it('bounds recipients, mails a minute and connections', async () => {
    const clock = new FakeClock();
    await start({ clock, limits: { mailsPerMinute: 2, connectionsPerClient: 2 } });
    const made = await greeted();
    await made.say('MAIL FROM:<>');
    for (const to of ['bounce', 'fbl', 'dmarc'])
      expect(await made.say(`RCPT TO:<${to}@example.jp>`)).toMatch(/^250 /);
    expect(await made.say('RCPT TO:<abuse@example.jp>')).toMatch(/^452 /);
    await made.say('RSET');
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
    expect(await made.say('MAIL FROM:<>')).toMatch(/^450 4\.7\.0 /);
    await clock.advance(30_000);
    expect(await deliver(made, [ours], `${bounce}.\r\n`)).toMatch(/^250 /);
    await greeted();
    expect(await (await client()).reply()).toMatch(/^421 4\.7\.0 Too many connections from your address/);
    made.socket.destroy();
    await once(made.socket, 'close');
  });

  it('ends a session that lasts too long, however busy', async () => {
    const clock = new FakeClock();
    await start({ clock });
    const made = await greeted();
    await clock.advance(limits.sessionMs - 1);
    expect(await made.say('NOOP')).toMatch(/^250 /);
    await clock.advance(1);
    expect(await made.reply()).toMatch(/^421 4\.4\.2 /);
    expect(await made.reply()).toBe('closed: ');
  });

  it('lets a mail under way end when it closes, and sends the idle away', async () => {
    const taken = await start();
    const idle = await greeted();
    const busy = await greeted();
    await busy.say('MAIL FROM:<>');
    await busy.say(`RCPT TO:<${ours}>`);
    await busy.say('DATA');
    busy.socket.write(bounce.slice(0, 10));
    const closed = listener?.close(10_000);
    expect(await idle.reply()).toMatch(/^421 4\.3\.2 /);
    busy.socket.write(`${bounce.slice(10)}.\r\n`);
    expect(await busy.reply()).toMatch(/^250 /);
    busy.socket.end();
    idle.socket.end();
    await closed;
    expect(taken).toHaveLength(1);
  });
});

// The forms that servers took for the end of a mail in 2023 and after; a second mail stood behind each.
describe('smuggling', () => {
  const second = `MAIL FROM:<ceo@example.jp>\r\nRCPT TO:<postmaster>\r\nDATA\r\nSubject: smuggled\r\n\r\nx`;
  it.each([
    '\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r.\r\n',
    '\r\n.\n',
    '\r\n.\r',
    '\r\n\x00.\r\n',
    '\n\n.\r\r\n',
    '\r\n.\r\r\n',
  ])('takes %j for no end: one mail or none, never two', async (end) => {
    const taken = await start();
    const made = await greeted();
    const answer = await deliver(made, [ours], `${bounce}hello${end}${second}\r\n.\r\n`);
    const isLoneDot = !end.includes('\x00');
    expect(answer).toMatch(isLoneDot ? /^550 5\.5\.2 / : /^250 /);
    expect(taken).toHaveLength(isLoneDot ? 0 : 1);
    expect(await made.say('NOOP')).toMatch(/^250 /);
  });

  it('takes a stuffed dot for a line, and bare line feeds of a sloppy sender for what they are', async () => {
    const taken = await start();
    const made = await greeted();
    const sloppy = 'Subject: Returned\n\nUser unknown\n';
    expect(await deliver(made, [ours], `a\r\n..\r\nb\r\n.\r\n`)).toMatch(/^250 /);
    expect(await deliver(made, [ours], `${sloppy}\r\n.\r\n`)).toMatch(/^250 /);
    const texts = taken.map(({ mail }) => Buffer.from(mail).toString());
    expect(texts).toEqual(['a\r\n.\r\nb\r\n', `${sloppy}\r\n`]);
  });
});
