import { AppError } from '../../base/index.ts';
import { fileSizeText } from '../stores/file-size-text.ts';

export function noRoom(folder: string, need: number, free: number): AppError {
  return new AppError({
    code: 'archive-no-room',
    message: {
      ja: `${folder} のディスクの空きが足りません（必要 ${fileSizeText(need)}、空き ${fileSizeText(free)}）`,
      en: `the disk of ${folder} lacks room (${fileSizeText(need)} needed, ${fileSizeText(free)} free)`,
    },
    hint: {
      ja: '空きを作るか、--to に別のディスクを指定してください。まだ何も書いていません',
      en: 'make room or name another disk with --to; nothing was written yet',
    },
    exitCode: 1,
  });
}

export function notAStore(path: string): AppError {
  return new AppError({
    code: 'archive-not-a-store',
    message: {
      ja: `${path} は mbox でも Maildir でもありません`,
      en: `${path} is neither an mbox nor a Maildir`,
    },
    hint: {
      ja: 'todoku check mailbox --store で、どれがメールの保存先か調べられます',
      en: 'todoku check mailbox --store tells which files are mail stores',
    },
  });
}

export function sourceChanged(path: string): AppError {
  return new AppError({
    code: 'archive-source-changed',
    message: {
      ja: `${path} の中身が、コピーした後で変わりました`,
      en: `${path} was changed after it had been copied`,
    },
    hint: {
      ja: 'メールソフトを閉じ、--to に新しいフォルダーを指定してやり直してください。何も消していません',
      en: 'close the mail program and start again with a new folder for --to; nothing was removed',
    },
    exitCode: 1,
  });
}

export function storeInUse(path: string): AppError {
  return new AppError({
    code: 'archive-in-use',
    message: {
      ja: `${path} はほかのプログラムが使っています（${path}.lock）`,
      en: `${path} is in use (${path}.lock)`,
    },
    hint: {
      ja: 'メールソフトを閉じてから、同じコマンドをもう一度実行してください。何も消していません',
      en: 'close the mail program and run the same command again; nothing was removed',
    },
    exitCode: 1,
  });
}

export function copyDiffers(copy: string): AppError {
  return new AppError({
    code: 'archive-copy-differs',
    message: {
      ja: `コピー ${copy} が元のメールと一致しません`,
      en: `the copy ${copy} is not equal to the original`,
    },
    hint: {
      ja: 'ディスクの故障が疑われます。何も消していません。別のディスクを --to に指定してください',
      en: 'the disk may be failing; nothing was removed; name another disk with --to',
    },
    exitCode: 1,
  });
}

export function otherYear(folder: string, before: number): AppError {
  return new AppError({
    code: 'archive-other-year',
    message: {
      ja: `${folder} では --before ${before} で始めた整理が終わっていません`,
      en: `in ${folder} an archive begun with --before ${before} is not over`,
    },
    hint: {
      ja: `--before ${before} --delete で終わらせるか、--to に別のフォルダーを指定してください`,
      en: `end it with --before ${before} --delete, or name another folder with --to`,
    },
  });
}

/** What the system refused, in one line; any other value is given back as it is. */
export function archiveFailure(error: unknown, signal: AbortSignal): unknown {
  const isOwn = error instanceof AppError && error.code !== 'archive-imap-failed';
  if (isOwn) return error;
  if (signal.aborted)
    return new AppError({
      code: 'archive-interrupted',
      message: { ja: '整理を中断しました', en: 'archiving was interrupted' },
      hint: {
        ja: '同じコマンドをもう一度実行すると、続きから始めます',
        en: 'the same command goes on where it ended',
      },
      exitCode: 130,
    });
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return error;
  const path = 'path' in error && typeof error.path === 'string' ? error.path : '';
  return new AppError({
    code: 'archive-failed',
    message: {
      ja: `整理を続けられません: ${path}（${String(error.code)}）`,
      en: `archiving cannot go on: ${path} (${String(error.code)})`,
    },
    hint: {
      ja: 'ディスクの空き（ENOSPC）や権限（EACCES）を直してから、同じコマンドをもう一度実行してください',
      en: 'see to free space (ENOSPC) or permissions (EACCES) and run the same command again',
    },
    exitCode: 1,
    cause: error,
  });
}

/** A server that cannot be reached, refuses, or ends the connection; any other value is given back as it is. */
export function imapRefused(error: unknown, at: string): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const [answer, code] = ['responseText', 'code'].map((name): unknown => Reflect.get(error, name));
  // What imapflow throws has one of them; a fault of ours has neither, and one of the disk has a path.
  if ((typeof answer !== 'string' && typeof code !== 'string') || 'path' in error) return error;
  const said = (typeof answer === 'string' && answer) || (typeof code === 'string' ? code : '');
  return new AppError({
    code: 'archive-imap-failed',
    message: {
      ja: `IMAP ${at} から読めません（${said.slice(0, 200)}）`,
      en: `IMAP ${at} cannot be read (${said.slice(0, 200)})`,
    },
    hint: {
      ja: 'todoku check mailbox で原因を調べ、直してから同じコマンドをもう一度実行してください',
      en: 'todoku check mailbox finds the cause; then run the same command again',
    },
    exitCode: 1,
    cause: error,
  });
}
