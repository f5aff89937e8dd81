import type { MimePart } from '../../protocol/mime/index.ts';
import { bodyOctets } from '../../protocol/mime/index.ts';
import { base64Fault } from './check-mime.ts';
import type { Mail } from './mail.ts';
import { rowsOf } from './jis-text.ts';
import type { Tell } from './telling.ts';

// Five times what Gmail shows of a mail.
const lookedAtOctets = 512 * 1_024;

/** What charset a text says it has, and what its octets are. */
export function checkCharset(mail: Mail, tell: Tell): void {
  for (const part of mail.leaves.filter(({ mediaType }) => mediaType.startsWith('text/')))
    checkPart(part, tell);
  const subject = mail.root.fields.find(({ name }) => name === 'subject')?.value ?? '';
  for (const [, encoding = '', words = ''] of subject.matchAll(
    /=\?iso-2022-jp\?([bq])\?([^?]{0,1000})\?=/gi,
  )) {
    const octets =
      encoding.toLowerCase() === 'b' ? Buffer.from(words, 'base64') : Buffer.from(words, 'latin1');
    checkJis(octets, 'Subject', tell);
  }
}

function checkPart(part: MimePart, tell: Tell): void {
  // What cannot be decoded has no charset to be false.
  if (base64Fault(part) !== null) return;
  const octets = bodyOctets(part, lookedAtOctets);
  const charset = part.parameters.get('charset')?.trim().toLowerCase() ?? '';
  const is8bit = octets.some((octet) => octet >= 0x80);
  const subject = part.mediaType;
  if (charset === '') {
    if (is8bit) tell('charset-missing', { subject, evidence: `${part.mediaType}; charset=?` });
    return;
  }
  if (charset === 'iso-2022-jp') {
    checkJis(octets, subject, tell);
    if (is8bit) tell('charset-false', { subject, evidence: falseness(octets, charset) });
    return;
  }
  if (/^(?:us-)?ascii$/.test(charset)) {
    if (is8bit) tell('charset-false', { subject, evidence: falseness(octets, charset) });
    return;
  }
  const decoder = decoderOf(charset);
  if (decoder === null) tell('charset-unknown', { subject, evidence: `charset=${charset}` });
  else if (!isIn(octets, decoder)) tell('charset-false', { subject, evidence: falseness(octets, charset) });
}

type Decoder = InstanceType<typeof TextDecoder>;

function decoderOf(charset: string): Decoder | null {
  try {
    return new TextDecoder(charset, { fatal: true });
  } catch (error) {
    // The Encoding standard, §7.2: an unknown label is a RangeError.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function isIn(octets: Buffer, decoder: Decoder): boolean {
  try {
    // `stream`: what was cut off at our own bound is no fault.
    decoder.decode(octets, { stream: true });
    return true;
  } catch (error) {
    // `fatal` reports octets that the charset does not have by this error.
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** The octets that do not fit, and what they are instead where that can be told. */
function falseness(octets: Buffer, charset: string): string {
  const found = ['utf-8', 'shift_jis', 'euc-jp'].find((name) => {
    const decoder = name === charset ? null : decoderOf(name);
    return decoder !== null && isIn(octets, decoder);
  });
  const first = octets.findIndex((octet) => octet >= 0x80);
  const sample = octets
    .subarray(first, first + 8)
    .toString('hex')
    .replaceAll(/(..)(?=.)/g, '$1 ');
  return `charset=${charset}: ${sample}${found === undefined ? '' : ` → ${found}?`}`;
}

function checkJis(octets: Buffer, subject: string, tell: Tell): void {
  const { halfWidth, vendor } = rowsOf(octets);
  if (halfWidth.length > 0) tell('jis-half-width', { subject, evidence: halfWidth.join(' ') });
  if (vendor.length > 0) tell('jis-vendor', { subject, evidence: vendor.join(' ') });
}
