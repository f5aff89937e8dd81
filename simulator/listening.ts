import { once } from 'node:events';
import { createServer } from 'node:net';
import { AppError } from '../src/base/index.ts';

/** A port that is free on 127.0.0.1 at this moment, and with luck on its neighbours. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const bound = server.address();
  const closed = once(server, 'close');
  server.close();
  await closed;
  if (bound === null || typeof bound === 'string') throw new Error('not listening on an IP address');
  return bound.port;
}

/** Why the simulator could not listen, in one line; anything unexpected stays as it is. */
export function explainListening(error: unknown, port: number): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'EADDRINUSE') {
    return new AppError({
      code: 'simulator-port-in-use',
      message: {
        ja: `シミュレーターのポート ${port} は使用中です`,
        en: `the simulator's port ${port} is in use`,
      },
      hint: {
        ja: '別のポートを指定するか、指定を外して空きポートに任せてください',
        en: 'choose another port, or none to take a free one',
      },
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL') {
    return new AppError({
      code: 'simulator-no-loopback-addresses',
      message: {
        ja: 'この機械では 127.1.x.y のループバックアドレスを使えません',
        en: 'this machine does not have the loopback addresses 127.1.x.y',
      },
      hint: {
        ja: 'Linuxでは最初から使えます。macOSでは sudo ifconfig lo0 alias 127.1.1.1 のように足してください',
        en: 'Linux has them; on macOS add each with: sudo ifconfig lo0 alias 127.1.1.1',
      },
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new AppError({
      code: 'simulator-port-forbidden',
      message: {
        ja: `ポート ${port} を開く権限がありません`,
        en: `no permission to open port ${port}`,
      },
      hint: { ja: '1024以上のポートを指定してください', en: 'choose a port from 1024 on' },
      cause: error,
    });
  }
  return error;
}
