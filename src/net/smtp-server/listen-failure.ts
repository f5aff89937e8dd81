import { AppError } from '../../base/index.ts';

/** Where a server was to listen, and the key of the configuration that says so. */
export type ListenPlace = { readonly host: string; readonly port: number; readonly key: string };

/** Why a door could not be opened, in one line; anything unexpected stays as it is. */
export function listenFailure(error: Error, at: ListenPlace): Error {
  if (!('code' in error)) return error;
  const place = at.host.includes(':') ? `[${at.host}]:${at.port}` : `${at.host}:${at.port}`;
  if (error.code === 'EACCES') {
    return new AppError({
      code: 'inbound-port-forbidden',
      message: {
        ja: `${at.key} の ${place} を開く権限がありません（1024 未満のポートには特権が必要です）`,
        en: `no permission to open ${place} (${at.key}): ports below 1024 need a privilege`,
      },
      hint: {
        ja: 'systemd なら AmbientCapabilities=CAP_NET_BIND_SERVICE を付けるか、ファイアウォールで 25 番を 2525 番などへ転送してください',
        en: 'give it CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=), or redirect port 25 to one such as 2525 in the firewall',
      },
      cause: error,
    });
  }
  if (error.code === 'EADDRINUSE') {
    return new AppError({
      code: 'inbound-port-in-use',
      message: {
        ja: `${at.key} の ${place} はほかのプログラムが使っています`,
        en: `${place} (${at.key}) is in use by another program`,
      },
      hint: {
        ja: '`ss -ltnp` で調べて止めるか（Postfix や Exim が多い）、別のポートを指定してください',
        en: 'find it with `ss -ltnp` (often Postfix or Exim) and stop it, or choose another port',
      },
      cause: error,
    });
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new AppError({
      code: 'inbound-address-unknown',
      message: {
        ja: `${at.key} の ${at.host} はこのマシンのアドレスではありません`,
        en: `${at.host} (${at.key}) is no address of this machine`,
      },
      hint: {
        ja: 'すべてで待ち受けるなら "0.0.0.0:25" と書きます',
        en: 'write "0.0.0.0:25" to listen on all',
      },
      cause: error,
    });
  }
  return error;
}
