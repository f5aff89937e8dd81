import type { MimePart } from '../../protocol/mime/index.ts';
import { bodyOctets, rawValue } from '../../protocol/mime/index.ts';
import { longestLine } from './check-headers.ts';
import { fileNameOf } from './mail.ts';
import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

// RFC 2045 §6.1.
const encodings = new Set(['', '7bit', '8bit', 'binary', 'quoted-printable', 'base64']);

/** Parts and how they are encoded. */
export function checkMime(mail: Mail, tell: Tell): void {
  checkLines(mail, tell);
  for (const part of allParts(mail.root)) checkBoundary(part, tell);
  for (const part of mail.leaves) checkEncoding(part, tell);
  checkAlternatives(mail, tell);
  checkAttachments(mail, tell);
}

/** RFC 5322 §2.1.1: lines of at most 998 octets; §2.3: CR and LF only together. A file may have LF throughout. */
function checkLines({ bytes }: Mail, tell: Tell): void {
  let longest = 0;
  let start = 0;
  let withCr = 0;
  let lines = 0;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
    const hasCr = end > start && bytes[end - 1] === 13;
    longest = Math.max(longest, end - start - (hasCr ? 1 : 0));
    withCr += hasCr ? 1 : 0;
    lines += 1;
    start = end + 1;
  }
  longest = Math.max(longest, bytes.length - start);
  if (longest > longestLine)
    tell('line-too-long', { evidence: `${longest} > ${longestLine}`, values: { octets: longest } });
  if (withCr > 0 && withCr < lines)
    tell('mixed-line-ends', { evidence: `CRLF ${withCr}, LF ${lines - withCr}` });
}

function allParts(part: MimePart): readonly MimePart[] {
  return part.mediaType.startsWith('message/') ? [part] : [part, ...part.parts.flatMap(allParts)];
}

/** RFC 2046 §5.1.1: the boundary is named in the header and closes at the end. */
function checkBoundary(part: MimePart, tell: Tell): void {
  if (!part.mediaType.startsWith('multipart/')) return;
  const boundary = part.parameters.get('boundary') ?? '';
  const evidence = `Content-Type: ${rawValue(part.fields, 'content-type') ?? ''}`;
  const body = `\n${part.rawBody}`;
  if (boundary === '' || !body.includes(`\n--${boundary}`))
    tell('boundary-missing', { subject: part.mediaType, evidence });
  else if (!body.includes(`\n--${boundary}--`)) tell('boundary-open', { subject: part.mediaType, evidence });
}

function checkEncoding(part: MimePart, tell: Tell): void {
  const { encoding, mediaType, rawBody } = part;
  if (!encodings.has(encoding)) {
    tell('encoding-unknown', { subject: mediaType, evidence: `Content-Transfer-Encoding: ${encoding}` });
    return;
  }
  // RFC 2045 §6.2: no declaration means 7bit.
  const is7bit = encoding === '' || encoding === '7bit';
  if (is7bit && /[\u0080-\u00ff]/.test(rawBody))
    tell('encoding-7bit', {
      subject: mediaType,
      evidence: `Content-Transfer-Encoding: ${encoding || '(7bit)'}`,
    });
  if (encoding === 'base64') checkBase64(part, tell);
}

function checkBase64(part: MimePart, tell: Tell): void {
  const evidence = base64Fault(part);
  if (evidence !== null) tell('base64-broken', { subject: part.mediaType, evidence });
  else if (part.mediaType.startsWith('text/') && isAscii(part))
    tell('base64-ascii', { subject: part.mediaType, evidence: 'Content-Transfer-Encoding: base64' });
}

/** What in a Base64 body is not Base64 (RFC 2045 §6.8); null: nothing. */
export function base64Fault({ encoding, rawBody }: MimePart): string | null {
  if (encoding !== 'base64') return null;
  // Some add a footer in plain words behind it: the words are lost or turn into noise.
  const strange = /[^A-Za-z0-9+/=\s][^\n]{0,60}/.exec(rawBody)?.[0];
  if (strange !== undefined) return strange;
  const letters = rawBody.replaceAll(/\s+/g, '').length;
  return letters % 4 === 0 ? null : `${letters} mod 4 = ${letters % 4}`;
}

// Enough to tell; a text of ASCII alone is one from its beginning.
const lookedAtOctets = 100_000;

function isAscii(part: MimePart): boolean {
  const octets = bodyOctets(part, lookedAtOctets);
  // ISO-2022-JP is 7-bit, but no ASCII: its escape sequences tell.
  return octets.length > 0 && octets.every((octet) => octet < 0x80 && octet !== 0x1b);
}

function checkAlternatives(mail: Mail, tell: Tell): void {
  const isEmpty = mail.words.trim() === '' && (mail.view?.images.length ?? 0) === 0;
  if (isEmpty && mail.leaves.every((part) => part.mediaType.startsWith('text/')))
    tell('empty-body', { evidence: mail.leaves.map(({ mediaType }) => mediaType).join(', ') });
  else if (mail.html !== null && mail.text === null)
    tell('html-alone', {
      evidence: mail.leaves
        .map(({ mediaType }) => mediaType)
        .slice(0, 10)
        .join(', '),
    });
}

// What Gmail, Outlook and hosters refuse unseen: programs, scripts, shortcuts, disk images.
const refusedNames =
  /\.(?:ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|img|ins|iso|isp|jar|js|jse|lib|lnk|mde|msc|msi|msp|mst|nsh|pif|ps1|scr|sct|shb|sys|vb|vbe|vbs|vhd|vxd|wsc|wsf|wsh)$/i;

function checkAttachments(mail: Mail, tell: Tell): void {
  const named = mail.leaves
    .map((part) => ({ part, name: fileNameOf(part) }))
    .filter(({ name }) => name !== '');
  const refused = named.filter(({ name }) => refusedNames.test(name.trim()));
  if (refused.length > 0)
    tell('attachment-refused', { evidence: exampleLines(refused.map(({ name }) => name)) });
  const locked = named.filter(({ part }) => isLockedZip(bodyOctets(part, 64)));
  if (locked.length > 0)
    tell('attachment-locked', { evidence: exampleLines(locked.map(({ name }) => name)) });
}

/** PKWARE APPNOTE §4.3.7, §4.4.4: bit 0 of the first entry's flags says that it is encrypted. */
function isLockedZip(octets: Buffer): boolean {
  return octets.length >= 8 && octets.readUInt32LE(0) === 0x04034b50 && (octets.readUInt16LE(6) & 1) === 1;
}
