import { systemClock } from '../../src/base/index.ts';
import type { Clock } from '../../src/base/index.ts';
import { defaultTimeouts, dial } from '../../src/net/smtp-client/index.ts';
import type { DialOptions, SmtpSession, Transaction } from '../../src/net/smtp-client/index.ts';

/** Options for a server on loopback, in the clear unless told. */
export function dialOptions(port: number, more: Partial<DialOptions> = {}): DialOptions {
  return {
    host: 'mx.example',
    address: '127.0.0.1',
    port,
    localAddress: null,
    hostname: 'client.example',
    tls: { mode: 'none', context: null },
    timeouts: defaultTimeouts,
    clock: systemClock,
    ...more,
  };
}

/** Dials and fails the test when no session opens. */
export async function openSession(
  port: number,
  clock: Clock = systemClock,
  more: Partial<DialOptions> = {},
): Promise<SmtpSession> {
  const result = await dial(dialOptions(port, { clock, ...more }));
  if (!result.ok) throw new Error(`no session: ${JSON.stringify(result.failure)}`);
  return result.session;
}

/** A small message to `to`. */
export function message(to = 'taro@example.jp', more: Partial<Transaction> = {}): Transaction {
  const body = Buffer.from(`To: ${to}\r\n\r\nhello\r\n`);
  return { from: 'sender@example.com', to, body, dotSafe: true, eightBit: false, smtpUtf8: false, ...more };
}
