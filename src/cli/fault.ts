import { AppError } from '../base/index.ts';
import type { Bilingual, Language } from '../base/index.ts';

/** A bug: EX_SOFTWARE of sysexits(3), so that scripts can tell it from 1 ("bad") and 2 (usage). */
export const faultExitCode = 70;

const checkPath: Bilingual = { ja: 'パスを確かめてください', en: 'check the path' };
const checkPermissions: Bilingual = {
  ja: '所有者と権限を確かめてください',
  en: 'check owner and permissions',
};
const makeRoom: Bilingual = { ja: 'ディスクに空きを作ってください', en: 'make room on the disk' };
const raiseLimit: Bilingual = {
  ja: '同時に開けるファイルの数（ulimit -n）を増やしてください',
  en: 'raise the number of open files (ulimit -n)',
};

/** What the operating system may refuse to anybody; a line helps, a stack does not. */
const systemRefusals: Readonly<Record<string, readonly [what: Bilingual, hint: Bilingual]>> = {
  EACCES: [{ ja: '権限がありません', en: 'no permission' }, checkPermissions],
  EADDRINUSE: [
    { ja: 'そのポートはほかのプログラムが使っています', en: 'another program uses that port' },
    { ja: '別のポートを指定してください', en: 'choose another port' },
  ],
  EADDRNOTAVAIL: [
    { ja: 'この IP アドレスはこのマシンにありません', en: 'this machine does not have that IP address' },
    { ja: '設定の IP アドレスを確かめてください', en: 'check the addresses in the configuration' },
  ],
  EDQUOT: [{ ja: 'ディスクの割り当てを使い切りました', en: 'the disk quota is used up' }, makeRoom],
  EEXIST: [{ ja: '同じ名前のファイルがあります', en: 'a file of that name is in the way' }, checkPath],
  EISDIR: [{ ja: 'フォルダーです', en: 'it is a folder' }, checkPath],
  EMFILE: [{ ja: '開いているファイルが多すぎます', en: 'too many open files' }, raiseLimit],
  ENFILE: [{ ja: '開いているファイルが多すぎます', en: 'too many open files' }, raiseLimit],
  ENOENT: [{ ja: 'ありません', en: 'it does not exist' }, checkPath],
  ENOSPC: [{ ja: 'ディスクに空きがありません', en: 'no room left on the disk' }, makeRoom],
  ENOTDIR: [{ ja: '途中の名前がフォルダーではありません', en: 'a part of the path is no folder' }, checkPath],
  EPERM: [{ ja: '権限がありません', en: 'no permission' }, checkPermissions],
  EROFS: [{ ja: '読み取り専用のディスクです', en: 'the disk is read-only' }, checkPath],
};

/** What stopped a command: the lines for standard error and the exit code. */
export type Failure = { readonly lines: readonly string[]; readonly exitCode: number };

export type FailureFacts = { readonly language: Language; readonly debug: boolean };

export function describeFailure(error: unknown, { language, debug }: FailureFacts): Failure {
  const known = error instanceof AppError ? error : systemRefusal(error);
  const stack = debug && error instanceof Error ? [error.stack ?? error.message] : [];
  if (known !== null)
    return { lines: [oneLine(`todoku: ${known.line(language)}`), ...stack], exitCode: known.exitCode };
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const line = {
    ja: `todoku: Todoku の不具合です: ${what} — TODOKU_DEBUG=1 を付けて実行し、表示された内容を報告してください`,
    en: `todoku: a fault in Todoku: ${what} — run it with TODOKU_DEBUG=1 and report what it shows`,
  };
  return { lines: [oneLine(line[language]), ...stack], exitCode: faultExitCode };
}

function systemRefusal(error: unknown): AppError | null {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return null;
  if (typeof error.code !== 'string' || !Object.hasOwn(systemRefusals, error.code)) return null;
  const refusal = systemRefusals[error.code];
  if (refusal === undefined) return null;
  const [what, hint] = refusal;
  const place = placeOf(error);
  return new AppError({
    code: 'system-refused',
    message:
      place === null
        ? { ja: `${what.ja}（${error.code}）`, en: `${what.en} (${error.code})` }
        : { ja: `${place}: ${what.ja}`, en: `${place}: ${what.en}` },
    hint,
    cause: error,
  });
}

/** File or address that the system's error is about. */
function placeOf(error: Error): string | null {
  if ('path' in error && typeof error.path === 'string') return error.path;
  if (!('port' in error) || typeof error.port !== 'number') return null;
  return 'address' in error && typeof error.address === 'string'
    ? `${error.address}:${error.port}`
    : String(error.port);
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
