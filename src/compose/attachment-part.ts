import { isUtf8 } from 'node:buffer';
import mime from 'mime';
import {
  base64Octets,
  encodeWords,
  formatParameter,
  safeFileName,
  tokenField,
} from '../protocol/message/index.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { faultAt } from './compose-failure.ts';
import type { MailAttachment } from './mail.ts';

/** A file as a part: its header with the empty line, ASCII, and what goes into it as base64. */
export type AttachmentPart = { readonly head: string; readonly content: Buffer };

// Mail programs list about this many; scanners of receivers give up on mails with more.
const mostAttachments = 100;
// Longer names are cut to 255 octets; this is no name any more.
const longestNameChars = 4_000;
const longestTypeChars = 300;
// RFC 6838 §4.2
const mediaType = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/;
// RFC 2045 §5.1; only what can be written again without a second thought.
const parameter =
  /^([a-z][a-z0-9-]{0,40})=(?:"([\x20\x21\x23-\x5b\x5d-\x7e]*)"|([A-Za-z0-9!#$%&'*+\-.^_`{|}~]+))$/i;
// RFC 2392 writes it into an URL, RFC 5322 §3.6.4 between brackets.
const contentId = /^[A-Za-z0-9!#$&'*+/=?^_`{|}~.@-]{1,200}$/;

/** The files as parts: those that the HTML shows, and those listed below the mail. */
export function readAttachments(
  attachments: readonly MailAttachment[],
  html: string | null,
): { readonly shown: readonly AttachmentPart[]; readonly files: readonly AttachmentPart[] } | ComposeFailure {
  if (attachments.length > mostAttachments)
    return faultAt('attachments', {
      ja: `添付ファイルが多すぎます(${attachments.length} 個、上限 ${mostAttachments} 個)`,
      en: `${attachments.length} attachments are more than the limit of ${mostAttachments}`,
    });
  const shown: AttachmentPart[] = [];
  const files: AttachmentPart[] = [];
  const ids = new Set<string>();
  for (const [index, attachment] of attachments.entries()) {
    const type = typeOf(attachment, `attachments/${index}`);
    if ('failure' in type) return type;
    const id = attachment.contentId;
    if (id !== null && (!contentId.test(id) || ids.has(id))) return unusableId(id, index);
    if (id !== null) ids.add(id);
    const related = isShown(attachment, html);
    (related ? shown : files).push(partOf(attachment, type.tokens, related || attachment.inline));
  }
  return { shown, files };
}

/** Whether the HTML shows it: it is a part of that and not a file of its own. */
export function isShown({ contentId: id, inline }: MailAttachment, html: string | null): boolean {
  return id !== null && html !== null && (inline || html.includes(`cid:${id}`));
}

// A name of 255 octets in two notations, three times as long each, with its folds; the type, the identifier, a delimiter.
const longestHeadOctets = 2_600;

/** As much as a file may take in a mail, or less. */
export function attachmentOctets({ content }: MailAttachment): number {
  return base64Octets(content.length) + longestHeadOctets;
}

function unusableId(id: string, index: number): ComposeFailure {
  const shown = JSON.stringify(id.slice(0, 60));
  return faultAt(`attachments/${index}/contentId`, {
    ja: `contentId ${shown} は使えません(重複しない ASCII の 200 文字まで、<> なし)`,
    en: `contentId ${shown} cannot be used (unique, ASCII, at most 200 characters, without <>)`,
  });
}

function partOf(
  { filename, content, contentId: id }: MailAttachment,
  type: readonly string[],
  inline: boolean,
): AttachmentPart {
  const name = safeFileName(filename);
  const fields = [
    tokenField('Content-Type', semicolons([...type, ...nameTokens(name)])),
    tokenField('Content-Transfer-Encoding', ['base64']),
    // RFC 2183; the name in the extended form of RFC 2231 where it needs one.
    tokenField(
      'Content-Disposition',
      semicolons([inline ? 'inline' : 'attachment', ...formatParameter('filename', name)]),
    ),
    ...(id === null ? [] : [tokenField('Content-ID', [`<${id}>`])]),
  ];
  return { head: `${fields.map(({ line }) => line).join('\r\n')}\r\n\r\n`, content };
}

/** Behind each parameter but the last a semicolon; words of one parameter hang together by themselves. */
function semicolons(tokens: readonly string[]): readonly string[] {
  const last = tokens.length - 1;
  return tokens.map((token, index) =>
    index === last || token.startsWith('=?') || isOpenWord(token) ? token : `${token};`,
  );
}

function isOpenWord(token: string): boolean {
  return token.startsWith('name="=?') && !token.endsWith('"');
}

/**
 * The name again, for programs that know nothing of RFC 2231: encoded words within quotes, as Thunderbird and nodemailer write
 * them although RFC 2047 §5 would have it otherwise; those that know it take the one of Content-Disposition (RFC 2183 §2.3).
 */
function nameTokens(name: string): readonly string[] {
  if (/^[\x20-\x7e]*$/.test(name) && !name.includes('=?'))
    return name.length <= 50 ? formatParameter('name', name) : [];
  const words = encodeWords(name, 76 - ' name="";'.length);
  return words.map(
    (word, index) => `${index === 0 ? 'name="' : ''}${word}${index === words.length - 1 ? '"' : ''}`,
  );
}

/** Its media type without parameters; `application/octet-stream` where none is given or known. */
export function attachmentTypeOf(attachment: MailAttachment): string {
  const type = typeOf(attachment, '');
  return 'failure' in type ? unknownType : (type.tokens[0] ?? unknownType);
}

/** Content-Type as tokens without the name. */
function typeOf(
  attachment: MailAttachment,
  at: string,
): { readonly tokens: readonly string[] } | ComposeFailure {
  const { filename, contentType: given } = attachment;
  if (filename.length > longestNameChars)
    return faultAt(`${at}/filename`, {
      ja: `ファイル名が長すぎます(上限 ${longestNameChars} 文字)`,
      en: `the file name is longer than ${longestNameChars} characters`,
    });
  const [written = '', ...rest] = (given ?? mime.getType(safeFileName(filename)) ?? unknownType).split(';');
  const type = written.trim().toLowerCase();
  const parameters = rest.map((text) => parameter.exec(text.trim()));
  if ((given?.length ?? 0) > longestTypeChars || !mediaType.test(type) || parameters.includes(null))
    return faultAt(`${at}/contentType`, {
      ja: `contentType ${JSON.stringify(given?.slice(0, 60))} は使えません(「application/pdf」のように書いてください)`,
      en: `contentType ${JSON.stringify(given?.slice(0, 60))} cannot be used (write it as "application/pdf")`,
    });
  // RFC 2046 §5.1 and §5.2.1 forbid base64 for these; a file that must arrive as it is travels as octets.
  if (type.startsWith('multipart/') || type.startsWith('message/')) return { tokens: [unknownType] };
  const kept = parameters.flatMap((match) => {
    const name = match?.[1]?.toLowerCase() ?? '';
    return name === 'name' ? [] : [{ name, value: match?.[2] ?? match?.[3] ?? '' }];
  });
  // Without a charset, text is US-ASCII (RFC 2046 §4.1.2).
  if (type.startsWith('text/') && !kept.some(({ name }) => name === 'charset') && isUtf8(attachment.content))
    kept.push({ name: 'charset', value: 'utf-8' });
  return { tokens: [type, ...kept.flatMap(({ name, value }) => formatParameter(name, value))] };
}

const unknownType = 'application/octet-stream';
