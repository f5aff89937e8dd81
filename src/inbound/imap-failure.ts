import { AppError } from '../base/index.ts';

export type ImapPlace = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly folder: string;
};

const unreachable = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'GREETING_TIMEOUT',
]);
// Node's and OpenSSL's names for a certificate that is not trusted, out of date, or another host's.
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_TLS|ERR_SSL|EPROTO/;

/** Why a mailbox cannot be read, in one line with what to do; any other value is given back as it is. */
export function imapFailure(error: unknown, place: ImapPlace): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const at = `${place.user}@${place.host}:${place.port}`;
  const code = textIn(error, 'code');
  // The server's own words, `Invalid credentials`, are for the person who has the password.
  const facts = { at, code, said: textIn(error, 'responseText') || error.message, cause: error };
  if ('authenticationFailed' in error && error.authenticationFailed === true) return loginRefused(facts);
  if (unreachable.has(code)) return notReached(facts);
  if (untrusted.test(code)) return notTrusted(facts);
  if ('mailboxMissing' in error || textIn(error, 'serverResponseCode') === 'NONEXISTENT')
    return folderMissing(facts, place.folder);
  // Faults of our own have no code; what imapflow throws has one.
  return code === '' && !('responseStatus' in error) ? error : failed(facts);
}

type Facts = { readonly at: string; readonly code: string; readonly said: string; readonly cause: Error };

function loginRefused({ at, said, cause }: Facts): AppError {
  return new AppError({
    code: 'imap-login-refused',
    message: {
      ja: `IMAP ${at} へのログインが拒否されました（${said}）`,
      en: `IMAP ${at} refuses the login (${said})`,
    },
    hint: {
      ja: 'ユーザー名とパスワードファイルを確かめてください。二段階認証の Gmail・Outlook などではアプリパスワードが必要です',
      en: 'check user and password file; with two-factor sign-in (Gmail, Outlook …) an app password is needed',
    },
    exitCode: 1,
    cause,
  });
}

function notReached({ at, code, cause }: Facts): AppError {
  return new AppError({
    code: 'imap-unreachable',
    message: { ja: `IMAP ${at} に接続できません（${code}）`, en: `IMAP ${at} cannot be reached (${code})` },
    hint: {
      ja: 'ホスト名・ポート・ファイアウォールを確かめてください（993 は tls: implicit、143 は tls: starttls）',
      en: 'check host, port and firewall (993 goes with tls: implicit, 143 with tls: starttls)',
    },
    exitCode: 1,
    cause,
  });
}

function notTrusted({ at, code, cause }: Facts): AppError {
  return new AppError({
    code: 'imap-tls-untrusted',
    message: {
      ja: `IMAP ${at} の TLS 証明書を信頼できません（${code}）`,
      en: `the TLS certificate of IMAP ${at} is not trusted (${code})`,
    },
    hint: {
      ja: '証明書と同じホスト名を指定するか、その認証局を delivery.tlsCa に加えてください',
      en: 'use the host name of the certificate, or add its authority to delivery.tlsCa',
    },
    exitCode: 1,
    cause,
  });
}

function folderMissing({ at, cause }: Facts, folder: string): AppError {
  return new AppError({
    code: 'imap-folder-missing',
    message: {
      ja: `IMAP ${at} にフォルダー ${folder} がありません`,
      en: `IMAP ${at} has no folder ${folder}`,
    },
    hint: { ja: '設定の folder を確かめてください', en: 'check “folder” in the configuration' },
    exitCode: 1,
    cause,
  });
}

function failed({ at, said, cause }: Facts): AppError {
  return new AppError({
    code: 'imap-failed',
    message: {
      ja: `IMAP ${at} の読み取りに失敗しました（${said}）`,
      en: `reading IMAP ${at} failed (${said})`,
    },
    hint: {
      ja: '続くようならサーバーの記録を確かめてください',
      en: 'look into the log of the server if it persists',
    },
    exitCode: 1,
    cause,
  });
}

function textIn(error: Error, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' ? value.slice(0, 200) : '';
}
