// A receiver a round trip away: every reply comes `--reply-delay` ms late, DNS answers `--dns-delay` ms.
// Prints {"port","dnsPort"}, {"first"} and {"reached"}, and its statistics at the end of stdin.
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { createFingerprintSet, fingerprint } from '../simulator/fingerprint.ts';
import { SmtpConnection } from '../simulator/smtp/connection.ts';
import type { SmtpServerOptions } from '../simulator/smtp/dialog.ts';
import { accept } from '../simulator/smtp/index.ts';
import { systemClock } from '../src/base/index.ts';
import { delayReplies } from './delay-replies.ts';
import { startFarDns } from './far-dns.ts';

const { values } = parseArgs({
  options: {
    expect: { type: 'string', default: '0' },
    'reply-delay': { type: 'string', default: '0' },
    'dns-delay': { type: 'string', default: '0' },
  },
});
const expected = Number(values.expect);
const replyDelayMs = Number(values['reply-delay']);

const seen = createFingerprintSet();
let messages = 0;
let duplicates = 0;
const open = new Set<Socket>();
let mostOpen = 0;
// The rate between a tenth and nine tenths of the messages: without start and end.
let tenthMs = 0;
let nineTenthsMs = 0;

function received(recipient: string): void {
  messages += 1;
  if (!seen.add(fingerprint(recipient))) duplicates += 1;
  if (messages === 1) print({ first: true });
  if (messages === Math.ceil(expected * 0.1)) tenthMs = performance.now();
  if (messages === Math.ceil(expected * 0.9)) nineTenthsMs = performance.now();
  if (messages === expected) print({ reached: messages });
}

const options: SmtpServerOptions = {
  hostname: 'far.test',
  hooks: {
    message(_session, message) {
      for (const recipient of message.recipients) received(recipient);
      return accept;
    },
  },
  keep: 'nothing',
  sizeLimitOctets: 64 * 1024 * 1024,
  chunking: true,
  startTls: 'none',
  secureContext: null,
  clock: systemClock,
};

function serve(socket: Socket): void {
  // Bound to all addresses of 127.0.0.0/8 means bound to all; nobody else is let in.
  if (!socket.remoteAddress?.startsWith('127.')) {
    socket.destroy();
    return;
  }
  open.add(socket);
  mostOpen = Math.max(mostOpen, open.size);
  socket.once('close', () => open.delete(socket));
  if (replyDelayMs > 0) delayReplies(socket, replyDelayMs);
  // It lives as long as its socket, which holds it.
  void new SmtpConnection(socket, options, 0);
}

function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

const dns = await startFarDns(Number(values['dns-delay']));
const server = createServer(serve);
server.listen({ host: '0.0.0.0', port: 0, backlog: 1_024 });
await once(server, 'listening');
const bound = server.address();
if (bound === null || typeof bound === 'string') throw new Error('not listening on an IP address');
print({ port: bound.port, dnsPort: dns.port });
process.stdin.resume();
await once(process.stdin, 'end');
const middleSeconds = (nineTenthsMs - tenthMs) / 1000;
print({ messages, duplicates, mostOpen, middleRate: (expected * 0.8) / middleSeconds });
dns.close();
server.close();
for (const socket of open) socket.destroy();
process.stdin.destroy();
