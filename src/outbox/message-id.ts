// A header longer than this is searched no further (RFC 5322 knows no bound); the doors refuse such mails anyway.
const mostHeaderOctets = 64 * 1024;

// RFC 5322 §2.1.1: no line is longer; what does not fit is no Message-ID that anybody could refer to.
const mostCharacters = 998;

/** The Message-ID that stands in the header of a mail, with its angle brackets; null: there is none that can be read. */
export function messageIdIn(bytes: Buffer): string | null {
  const end = bytes.indexOf('\r\n\r\n');
  const header = bytes.toString('latin1', 0, Math.min(end < 0 ? bytes.length : end, mostHeaderOctets));
  const field = /^message-id[ \t]*:(?:[ \t]|\r\n[ \t])*(<[^<>\s]+>)/im.exec(header);
  const found = field?.[1];
  return found === undefined || found.length > mostCharacters ? null : found;
}
