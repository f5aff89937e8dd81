import { base64Octets, QuotedPrintableWriter, tokenField, writeBase64 } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import { readAttachments } from './attachment-part.ts';
import type { AttachmentPart } from './attachment-part.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { faultAt } from './compose-failure.ts';
import type { MailRequest } from './mail.ts';
import { textFromHtml } from './text-from-html.ts';

/** A body whose size is known and which is not written yet. */
export type LaidOut = {
  /** Content-Type and, for a single part, Content-Transfer-Encoding. */
  readonly fields: readonly HeaderField[];
  readonly octets: number;
  /** Valid until the next body is laid out. */
  readonly write: (target: Buffer, at: number) => void;
};

const encoding = 'Content-Transfer-Encoding: quoted-printable';
const textType = 'Content-Type: text/plain; charset=utf-8';
const htmlType = 'Content-Type: text/html; charset=utf-8';

/** The texts of one mail after the other: made in one go, so one writer does for all. */
const writer = new QuotedPrintableWriter();

/**
 * multipart/mixed(multipart/alternative(text, multipart/related(html, shown files)), files), without the levels that have one
 * part only (RFC 2046 §5.1.3, §5.1.4; RFC 2387). `seed`: 24 hexadecimal digits for the boundaries, different for each mail.
 */
export function layOut(request: MailRequest, seed: string): LaidOut | ComposeFailure {
  const parts = readAttachments(request.attachments, request.html);
  if ('failure' in parts) return parts;
  const { html } = request;
  if (html === null && request.text === null && request.attachments.length === 0)
    return faultAt('text', {
      ja: '本文がありません(html か text を指定してください)',
      en: 'there is no body (give html or text)',
    });
  const text = request.text ?? (html === null ? '' : readableHtml(html));
  if (text === null)
    return faultAt('html', {
      ja: 'HTML が長すぎるか深すぎて text を作れません(text も指定してください)',
      en: 'no text can be made from HTML that is so long or nested so deeply (give text as well)',
    });
  writer.clear();
  if (html === null && parts.files.length === 0) return single(text);
  return multipart({ text, html, ...parts }, seed);
}

// Converting takes 0.15 ms for each KB and holds everything else up; no mail program shows a tenth of this (Gmail cuts at 102 KB).
const longestConvertedChars = 1_000_000;

/** null: too long, or nested too deeply to be read. */
function readableHtml(html: string): string | null {
  if (html.length > longestConvertedChars) return null;
  try {
    return textFromHtml(html);
  } catch (error) {
    // htmlparser2's tree is walked by recursion: some thousand levels, which no real mail has, exhaust the stack.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function single(text: string): LaidOut {
  writer.text(text, false);
  writer.endLine();
  // The SMTP client needs CRLF at the end.
  if (writer.length === 0) writer.octets(Buffer.from('\r\n'));
  return {
    fields: [tokenField('Content-Type', ['text/plain;', 'charset=utf-8']), singleEncoding],
    octets: writer.length,
    write: (target, at) => void writer.written.copy(target, at),
  };
}

const singleEncoding = tokenField('Content-Transfer-Encoding', ['quoted-printable']);

type Texts = {
  readonly text: string;
  readonly html: string | null;
  readonly shown: readonly AttachmentPart[];
  readonly files: readonly AttachmentPart[];
};

type Level = 'mixed' | 'alternative' | 'related';

function multipart({ text, html, shown, files }: Texts, seed: string): LaidOut {
  const levels: readonly Level[] = [
    ...(files.length > 0 ? (['mixed'] as const) : []),
    ...(html === null ? [] : (['alternative'] as const)),
    ...(shown.length > 0 ? (['related'] as const) : []),
  ];
  const top = levels[0] ?? 'mixed';
  // The octets in front of the files: delimiters, heads and texts.
  let head = `--${boundary(top, seed)}\r\n`;
  if (top === 'mixed' && html !== null) head += opened('alternative', seed);
  writer.octets(Buffer.from(`${head}${textType}\r\n${encoding}\r\n\r\n`, 'latin1'));
  writeText(text);
  if (html !== null) {
    const inner = shown.length > 0 ? opened('related', seed) : '';
    writer.octets(
      Buffer.from(
        `\r\n--${boundary('alternative', seed)}\r\n${inner}${htmlType}\r\n${encoding}\r\n\r\n`,
        'latin1',
      ),
    );
    writeText(html);
  }
  const pieces: (string | Buffer)[] = [];
  const close = (level: Level): number => pieces.push(`\r\n--${boundary(level, seed)}--\r\n`);
  for (const part of shown) pieces.push(`\r\n--${boundary('related', seed)}\r\n${part.head}`, part.content);
  if (shown.length > 0) close('related');
  if (html !== null) close('alternative');
  for (const part of files) pieces.push(`\r\n--${boundary('mixed', seed)}\r\n${part.head}`, part.content);
  if (files.length > 0) close('mixed');
  return {
    fields: [tokenField('Content-Type', typeTokens(top, seed))],
    octets: pieces.reduce((sum, piece) => sum + octetsOf(piece), writer.length),
    write: (target, start) => {
      let at = start + writer.written.copy(target, start);
      for (const piece of pieces)
        at =
          typeof piece === 'string' ? at + target.write(piece, at, 'latin1') : writeBase64(target, piece, at);
    },
  };
}

function writeText(text: string): void {
  writer.text(text, false);
  writer.endText();
}

function octetsOf(piece: string | Buffer): number {
  return typeof piece === 'string' ? piece.length : base64Octets(piece.length);
}

/** `=_` occurs in no quoted-printable (RFC 2045 §6.7) and in no base64 text, so no part can hold a boundary. */
function boundary(level: Level, seed: string): string {
  return `=_${level.slice(0, 1)}${seed}`;
}

/** The head of a multipart within another, and its first delimiter. */
function opened(level: Level, seed: string): string {
  return `${tokenField('Content-Type', typeTokens(level, seed)).line}\r\n\r\n--${boundary(level, seed)}\r\n`;
}

function typeTokens(level: Level, seed: string): readonly string[] {
  // RFC 2387 §3.1: the type of the root is required.
  const root = level === 'related' ? ['type="text/html";'] : [];
  return [`multipart/${level};`, ...root, `boundary="${boundary(level, seed)}"`];
}
