const dot = 0x2e;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/**
 * Whether a mail, its dots unstuffed, has a line of a single dot that some server would take for the end of the data
 * though it is not `<CR><LF>.<CR><LF>`: `<LF>.<LF>`, `<LF>.<CR><LF>`, `<CR>.<CR>` and the like, the forms of SMTP smuggling.
 * RFC 5321 §4.1.1.4 has a server take no other end, §2.3.8 forbids clients to send CR or LF alone. A bare line feed
 * anywhere else is a sloppy sender, not an attack: his bounces are worth reading.
 */
export function smuggles(mail: Uint8Array): boolean {
  for (let at = mail.indexOf(dot); at !== -1; at = mail.indexOf(dot, at + 1)) {
    const after = mail[at + 1];
    if (after !== carriageReturn && after !== lineFeed) continue;
    const before = mail[at - 1];
    if (before !== carriageReturn && before !== lineFeed) continue;
    const opens = before === lineFeed && mail[at - 2] === carriageReturn;
    const closes = after === carriageReturn && mail[at + 2] === lineFeed;
    if (!opens || !closes) return true;
  }
  return false;
}
