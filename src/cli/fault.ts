import { AppError } from '../base/index.ts';
import type { Language } from '../base/index.ts';

/** A bug: EX_SOFTWARE of sysexits(3), so that scripts can tell it from 1 ("bad") and 2 (usage). */
export const faultExitCode = 70;

/** What the operating system may refuse to anybody; a line helps, a stack does not. */
const systemRefusals = new Set([
  'EACCES',
  'EADDRINUSE',
  'EADDRNOTAVAIL',
  'EDQUOT',
  'EISDIR',
  'EMFILE',
  'ENFILE',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]);

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
  if (typeof error.code !== 'string' || !systemRefusals.has(error.code)) return null;
  return new AppError({
    code: 'system-refused',
    message: { ja: `システムに拒否されました: ${error.message}`, en: `the system refused: ${error.message}` },
    hint: {
      ja: '空き容量・権限・使用中のポートを確かめてください',
      en: 'check free space, permissions and ports in use',
    },
    cause: error,
  });
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
