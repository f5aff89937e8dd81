import { isUtf8 } from 'node:buffer';

const tab = 0x09;
const space = 0x20;
const tilde = 0x7e;

// RFC 5321 §4.2: textstring is HT and %d32-126. What else arrives is kept when it is text, and made visible when it is
// a control character: reply texts end in logs and on terminals, where an escape sequence would act.
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const controls = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

/** Decodes the text of one reply line: UTF-8, else latin1; control characters become U+FFFD. */
export function decodeReplyText(bytes: Buffer, start: number, end: number): string {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if ((byte < space && byte !== tab) || byte > tilde) return decodeUnusual(bytes.subarray(start, end));
  }
  return bytes.toString('latin1', start, end);
}

function decodeUnusual(bytes: Buffer): string {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
  return text.replace(controls, '\ufffd');
}
