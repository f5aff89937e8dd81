import { safeFileName } from '../protocol/message/index.ts';
import {
  bodyOctets,
  bodyText,
  mimeLimits,
  readableValue,
  readContentType,
  readMime,
} from '../protocol/mime/index.ts';
import type { MimePart } from '../protocol/mime/index.ts';

/** A captured mail in its parts. */
export type CapturedMail = {
  /** In their order, decoded for people. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly html: string | null;
  readonly text: string | null;
  readonly files: readonly CapturedFile[];
};

export type CapturedFile = {
  readonly filename: string;
  readonly contentType: string;
  /** Without brackets; null: none. */
  readonly contentId: string | null;
  readonly inline: boolean;
  readonly content: Buffer;
};

// As large as any mail that is accepted (compose/mail.ts).
const largestOctets = 52_428_800;
const limits = { ...mimeLimits, octets: largestOctets };
// More HTML than this no mail program shows (Gmail cuts at 102 KB).
const longestTextChars = 10_000_000;

/** Never throws, whatever the bytes are. */
export function readCaptured(bytes: Buffer): CapturedMail {
  const root = readMime(bytes, limits);
  const headers = root.fields.map(({ name, value }) => ({ name, value: readableValue(value) }));
  let html: string | null = null;
  let text: string | null = null;
  const files: CapturedFile[] = [];
  for (const part of leavesOf(root)) {
    const isFile = dispositionOf(part).filename !== null || dispositionOf(part).word === 'attachment';
    if (!isFile && part.mediaType === 'text/html' && html === null) html = bodyText(part, longestTextChars);
    else if (!isFile && part.mediaType === 'text/plain' && text === null)
      text = bodyText(part, longestTextChars);
    else files.push(fileOf(part));
  }
  return { headers, html, text, files };
}

function leavesOf(part: MimePart): readonly MimePart[] {
  return part.parts.length === 0 ? [part] : part.parts.flatMap((each) => leavesOf(each));
}

function fileOf(part: MimePart): CapturedFile {
  const { word, filename } = dispositionOf(part);
  const id = valueOf(part, 'content-id')?.replaceAll(/^<|>$/g, '') ?? null;
  return {
    filename: safeFileName(filename ?? ''),
    contentType: part.mediaType === '' ? 'application/octet-stream' : part.mediaType,
    contentId: id === '' ? null : id,
    inline: word === 'inline',
    content: bodyOctets(part, largestOctets),
  };
}

function valueOf(part: MimePart, name: string): string | null {
  return part.fields.find((field) => field.name === name)?.value ?? null;
}

function dispositionOf(part: MimePart): { readonly word: string; readonly filename: string | null } {
  const value = valueOf(part, 'content-disposition');
  const word = /^\s*([a-z]+)/i.exec(value ?? '')?.[1]?.toLowerCase() ?? '';
  // The parameters of a disposition have the form of those of a type (RFC 2183 §2).
  const given = readContentType(value).parameters.get('filename') ?? null;
  return { word, filename: given === null ? null : extended(given) };
}

/** RFC 2231 §4: `utf-8''%E8…`; anything else stands as it is, or as encoded words. */
function extended(value: string): string {
  const match = /^utf-8'[^']*'(.*)$/is.exec(value);
  if (match === null) return readableValue(value);
  const octets = (match[1] ?? '').replaceAll(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(octets, 'latin1').toString('utf8');
}
