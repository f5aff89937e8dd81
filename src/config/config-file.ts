import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';

// A list of a thousand domains with two keys each is under 300 KB.
const largestFileBytes = 1_000_000;

/**
 * The text of a configuration file; null when it does not exist and nobody asked for it by name; else why not.
 */
export function readConfigText(
  file: string,
  { explicit }: { readonly explicit: boolean },
): string | null | AppError {
  try {
    const facts = statSync(file);
    if (facts.isDirectory()) return notAFile(file, { ja: 'はフォルダーです', en: 'is a folder' });
    // A pipe or a device could block or never end.
    if (!facts.isFile())
      return notAFile(file, { ja: 'は普通のファイルではありません', en: 'is not a regular file' });
    if (facts.size > largestFileBytes) return tooBig(file, facts.size);
    return decode(file, readFileSync(file));
  } catch (error) {
    const code = systemCode(error);
    if (code === null) throw error;
    if (code === 'ENOENT' && !explicit) return null;
    return code === 'ENOENT' || code === 'ENOTDIR' ? missing(file) : unreadable(file, { code, error });
  }
}

/** `EACCES` and the like; null for what is no error of the operating system. */
export function systemCode(error: unknown): string | null {
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : null;
}

function decode(file: string, bytes: Buffer): string | AppError {
  const start = bytes.subarray(0, 2).toString('latin1');
  if (start === '\xff\xfe' || start === '\xfe\xff')
    return notText(file, { ja: ' UTF-16 です', en: 'is in UTF-16' });
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // TextDecoder's way to say: not UTF-8
  }
  const binary = bytes.includes(0);
  return notText(
    file,
    binary
      ? { ja: 'テキストファイルではありません', en: 'is not a text file' }
      : { ja: ' UTF-8 ではありません', en: 'is not in UTF-8' },
  );
}

function notAFile(file: string, what: Bilingual): AppError {
  return new AppError({
    code: 'config-file-not-a-file',
    message: { ja: `設定ファイル ${file} ${what.ja}`, en: `configuration file ${file} ${what.en}` },
    hint: { ja: '--config に YAML ファイルを指定してください', en: 'give --config a YAML file' },
  });
}

function tooBig(file: string, sizeBytes: number): AppError {
  return new AppError({
    code: 'config-file-too-big',
    message: {
      ja: `設定ファイル ${file} が大きすぎます（${sizeBytes} バイト、上限 ${largestFileBytes}）`,
      en: `configuration file ${file} is too big (${sizeBytes} bytes, at most ${largestFileBytes})`,
    },
    hint: { ja: 'ファイル名を確かめてください', en: 'check the file name' },
  });
}

function notText(file: string, what: Bilingual): AppError {
  return new AppError({
    code: 'config-file-not-text',
    message: { ja: `設定ファイル ${file} は${what.ja}`, en: `configuration file ${file} ${what.en}` },
    hint: { ja: 'UTF-8 の YAML として保存してください', en: 'save it as YAML in UTF-8' },
  });
}

function missing(file: string): AppError {
  return new AppError({
    code: 'config-file-missing',
    message: { ja: `設定ファイル ${file} がありません`, en: `configuration file ${file} does not exist` },
    hint: { ja: '--config のファイル名を確かめてください', en: 'check the name given to --config' },
  });
}

function unreadable(
  file: string,
  { code, error }: { readonly code: string; readonly error: unknown },
): AppError {
  return new AppError({
    code: 'config-file-unreadable',
    message: {
      ja: `設定ファイル ${file} を読めません（${code}）`,
      en: `configuration file ${file} cannot be read (${code})`,
    },
    hint: { ja: 'ファイルの権限を確かめてください', en: 'check its permissions' },
    cause: error,
  });
}
