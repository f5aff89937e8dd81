import { connect as connectSocket, isIP } from 'node:net';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import type { LocalCause } from '../../events/index.ts';
import type { DialOptions } from './contract.ts';

/** A connected socket, or why there is none. */
export type Connected =
  | { readonly ok: true; readonly socket: Socket }
  | { readonly ok: false; readonly cause: LocalCause; readonly text: string };

const causeByCode: Readonly<Record<string, LocalCause>> = {
  ECONNREFUSED: 'connect-refused',
  ETIMEDOUT: 'connect-timeout',
  EHOSTUNREACH: 'connect-unreachable',
  EHOSTDOWN: 'connect-unreachable',
  ENETUNREACH: 'connect-unreachable',
  ENETDOWN: 'connect-unreachable',
  // Taken and thrown away at once: how some firewalls and full accept queues say no.
  ECONNRESET: 'connection-lost',
  ECONNABORTED: 'connection-lost',
  EPIPE: 'connection-lost',
};

/** What a failed connect says about whose fault it is. What is not known to be the peer's or the way's is ours. */
export function connectCause(code: string | undefined): LocalCause {
  return causeByCode[code ?? ''] ?? 'connect-local';
}

/** Opens the TCP connection. Never rejects; the address is an IP, so that no name is ever looked up here. */
export function connect(options: DialOptions): Promise<Connected> {
  const target = `${options.address} port ${options.port}`;
  const local = (text: string): Connected => ({ ok: false, cause: 'connect-local', text });
  if (isIP(options.address) === 0) return Promise.resolve(local(`${options.address} is not an IP address`));
  return new Promise((resolve) => {
    let socket: Socket;
    try {
      socket = connectSocket(socketOptions(options));
    } catch (error) {
      // A port or a source address that the system does not know: configuration, told as the outcome of the attempt.
      resolve(
        local(`cannot connect to ${target}: ${error instanceof Error ? error.message : String(error)}`),
      );
      return;
    }
    const timer = options.clock.after(options.timeouts.connectMs, () => {
      const text = `no connection to ${target} within ${options.timeouts.connectMs} ms`;
      finish({ ok: false, cause: 'connect-timeout', text });
    });
    const finish = (result: Connected): void => {
      timer.cancel();
      socket.off('connect', connected);
      socket.off('error', failed);
      if (!result.ok) socket.on('error', ignoreLateError).destroy();
      resolve(result);
    };
    const connected = (): void => {
      // An error between this turn and the first listener of the channel shows as the socket's end there.
      socket.on('error', ignoreLateError);
      finish({ ok: true, socket });
    };
    const failed = (error: NodeJS.ErrnoException): void => {
      finish({
        ok: false,
        cause: connectCause(error.code),
        text: `cannot connect to ${target}: ${error.message}`,
      });
    };
    socket.once('connect', connected);
    socket.once('error', failed);
  });
}

/** An error event without a listener would end the process; whoever owns the socket learns of its end by 'close'. */
export function ignoreLateError(): void {}

// Replies are short, and one read follows the other: all sockets of a thread read into the same octets. Otherwise each read
// takes 64 KB from the system's allocator and gives most of it back (a tenth of the CPU time was spent in the allocator).
const received = Buffer.allocUnsafeSlow(64 * 1024);

/** The octets are copied, since the parser may keep an unfinished line until the next read. */
function handOver(this: Socket, octets: number, buffer: Uint8Array): boolean {
  this.emit('data', Buffer.from(buffer.subarray(0, octets)));
  return true;
}

function socketOptions(options: DialOptions): TcpNetConnectOpts {
  const base: TcpNetConnectOpts = {
    host: options.address,
    port: options.port,
    autoSelectFamily: false,
    // Each write is a whole group of commands; Nagle would only hold it back.
    noDelay: true,
    onread: { buffer: received, callback: handOver },
  };
  return options.localAddress === null ? base : { ...base, localAddress: options.localAddress };
}
