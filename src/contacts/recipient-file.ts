import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';

/** An opened list and its beginning, known not to be some other kind of file. */
export type RecipientFile = {
  readonly path: string;
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  /** The first bytes, at most `headBytes`. */
  readonly head: Uint8Array;
};

// Enough for magic numbers and a zip's first names, for the NUL pattern of UTF-16, and for a sample of control bytes.
const headBytes = 65_536;

/** Opens the list, or says in one line why that file can be none. The caller closes `handle`. */
export async function openRecipientFile(path: string): Promise<RecipientFile> {
  const handle = await openHandle(path);
  try {
    const stat = await handle.stat();
    if (stat.isDirectory()) throw cannotRead(path, 'EISDIR');
    if (!stat.isFile()) throw notAFile(path);
    if (stat.size === 0) throw emptyFile(path);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(Math.min(headBytes, stat.size)), {
      position: 0,
    });
    const head = buffer.subarray(0, bytesRead);
    const other = otherKind(head);
    if (other !== null) throw wrongKind(path, other);
    return { path, handle, sizeBytes: stat.size, head };
  } catch (error) {
    await handle.close();
    throw asAppError(path, error);
  }
}

/** The file's bytes in order, from the start. A chunk is overwritten by the next one. */
export async function* readChunks(
  file: RecipientFile,
  options: { readonly chunkBytes: number; readonly signal?: AbortSignal | undefined },
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = Buffer.alloc(options.chunkBytes);
  for (let position = 0; ;) {
    options.signal?.throwIfAborted();
    const bytesRead = await readAt(file, buffer, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readAt(file: RecipientFile, buffer: Buffer, position: number): Promise<number> {
  try {
    return (await file.handle.read(buffer, { position })).bytesRead;
  } catch (error) {
    throw asAppError(file.path, error);
  }
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    // Without O_NONBLOCK a named pipe that nobody writes to would hold the command before it can say what is wrong.
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw asAppError(path, error);
  }
}

function asAppError(path: string, error: unknown): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error;
  if ('code' in error && typeof error.code === 'string') return cannotRead(path, error.code, error);
  return error;
}

/** What a file is when it is no text; null when it may be a list. */
function otherKind(head: Uint8Array): Kind | null {
  const latin1 = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (latin1.startsWith('PK\x03\x04')) return /\[Content_Types\]\.xml|xl\//.test(latin1) ? 'excel' : 'zip';
  // Compound File Binary, [MS-CFB] §2.2: the .xls of Excel 97–2003, and encrypted .xlsx.
  if (latin1.startsWith('\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1')) return 'excel';
  if (latin1.startsWith('\x1F\x8B')) return 'gzip'; // RFC 1952 §2.3.1
  if (latin1.startsWith('%PDF-')) return 'pdf';
  return null;
}

type Kind = 'excel' | 'zip' | 'gzip' | 'pdf' | 'binary';

const kinds: { readonly [K in Kind]: { readonly name: Bilingual; readonly hint: Bilingual } } = {
  excel: {
    name: { ja: 'Excelのブック', en: 'an Excel workbook' },
    hint: {
      ja: 'Excelの「名前を付けて保存」で「CSV UTF-8 (コンマ区切り)」を選んで保存し、そのファイルを指定してください',
      en: 'in Excel choose "Save As", "CSV UTF-8 (Comma delimited)", and give that file',
    },
  },
  zip: {
    name: { ja: 'ZIPファイル', en: 'a zip archive' },
    hint: { ja: '展開して中のCSVを指定してください', en: 'unpack it and give the CSV inside' },
  },
  gzip: {
    name: { ja: 'gzip圧縮ファイル', en: 'a gzip file' },
    hint: { ja: 'gunzipで展開してから指定してください', en: 'unpack it with gunzip first' },
  },
  pdf: {
    name: { ja: 'PDF', en: 'a PDF' },
    hint: { ja: '元の表をCSVで保存して指定してください', en: 'save the table it was made from as CSV' },
  },
  binary: {
    name: { ja: 'テキストでないファイル', en: 'not a text file' },
    hint: {
      ja: '宛先はCSVで、1行目に列名を書いて保存してください（UTF-8を推奨）',
      en: 'save the recipients as CSV with column names in its first line (UTF-8 preferred)',
    },
  },
};

/** The file is no CSV but `kind`. */
export function wrongKind(path: string, kind: Kind): AppError {
  const { name, hint } = kinds[kind];
  return new AppError({
    code: 'recipients-not-csv',
    message: { ja: `${path} はCSVではありません（${name.ja}）`, en: `${path} is no CSV: ${name.en}` },
    hint,
  });
}

function emptyFile(path: string): AppError {
  return new AppError({
    code: 'recipients-empty',
    message: { ja: `${path} は空です`, en: `${path} is empty` },
    hint: kinds.binary.hint,
  });
}

function notAFile(path: string): AppError {
  return new AppError({
    code: 'recipients-not-a-file',
    message: { ja: `${path} は通常のファイルではありません`, en: `${path} is not a regular file` },
    hint: {
      ja: '文字コードを見分けるため2度読みます。内容をファイルに保存して指定してください',
      en: 'the list is read twice to tell its encoding; save it to a file and give that',
    },
  });
}

const causes: Readonly<Record<string, Bilingual>> = {
  ENOENT: { ja: 'ファイルがありません', en: 'no such file' },
  ENOTDIR: { ja: '途中の名前がフォルダーではありません', en: 'a part of the path is no folder' },
  EISDIR: { ja: 'フォルダーです', en: 'it is a folder' },
  EACCES: { ja: '読む権限がありません', en: 'no permission to read it' },
  EPERM: { ja: '読む権限がありません', en: 'no permission to read it' },
  EIO: { ja: 'ディスクの読み取りエラーです', en: 'the disk failed to read it' },
};

function cannotRead(path: string, errno: string, cause?: unknown): AppError {
  const why = causes[errno] ?? { ja: errno, en: errno };
  return new AppError({
    code: 'recipients-unreadable',
    message: { ja: `${path} を読めません（${why.ja}）`, en: `cannot read ${path}: ${why.en}` },
    hint: { ja: '--recipients のパスを確かめてください', en: 'check the path given to --recipients' },
    cause,
  });
}
