const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Whether a mail, its dots unstuffed, has a line of a single dot that some server would take for the end of the data
 * though it is not `<CR><LF>.<CR><LF>`: `<LF>.<LF>`, `<LF>.<CR><LF>`, `<CR>.<CR>` and the like, the forms of SMTP smuggling.
 * RFC 5321 §4.1.1.4 has a server take no other end, §2.3.8 forbids clients to send CR or LF alone. A bare line feed
 * anywhere else is a sloppy sender, not an attack: his bounces are worth reading.
 */
export function smuggles(mail: Uint8Array): boolean {
  return opensAny(mail, '\n.') || opensAny(mail, '\r.');
}

/** A search for two bytes: one for dots alone took 0.2 s for 10 MB of them. */
function opensAny(mail: Uint8Array, opening: '\n.' | '\r.'): boolean {
  const bytes = Buffer.from(mail.buffer, mail.byteOffset, mail.length);
  for (let at = bytes.indexOf(opening); at !== -1; at = bytes.indexOf(opening, at + 1)) {
    const after = bytes[at + 2];
    if (after !== carriageReturn && after !== lineFeed) continue;
    const opens = bytes[at] === lineFeed && bytes[at - 1] === carriageReturn;
    const closes = after === carriageReturn && bytes[at + 3] === lineFeed;
    if (!opens || !closes) return true;
  }
  return false;
}
