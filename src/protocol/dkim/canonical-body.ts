const tab = 0x09;
const lf = 0x0a;
const cr = 0x0d;
const space = 0x20;

/**
 * RFC 6376 §3.4.4, relaxed: white space at line ends ignored, runs of it within a line as one space, empty lines at
 * the end ignored. Takes any bytes; a bare LF or CR counts as data, as §3.4.4 speaks of CRLF only. Returns `body`
 * itself when there is nothing to change.
 */
export function canonicalBody(body: Buffer): Buffer {
  if (isCanonical(body)) return body;
  // One octet more per line can only arise at the end, where a final CRLF is added.
  const target = Buffer.allocUnsafe(body.length + 2);
  let at = 0;
  let endOfText = 0;
  let pendingSpace = false;
  for (let index = 0; index < body.length; index += 1) {
    const octet = body[index] ?? 0;
    if (octet === space || octet === tab) {
      pendingSpace = true;
      continue;
    }
    if (octet === cr && body[index + 1] === lf) {
      target[at++] = cr;
      target[at++] = lf;
      index += 1;
      pendingSpace = false;
      continue;
    }
    // A space at the start of a line is kept: one octet was read for it, so there is room.
    if (pendingSpace) target[at++] = space;
    pendingSpace = false;
    target[at++] = octet;
    endOfText = at;
  }
  if (endOfText === 0) return target.subarray(0, 0);
  target[endOfText] = cr;
  target[endOfText + 1] = lf;
  return target.subarray(0, endOfText + 2);
}

/** true when relaxed canonicalisation changes nothing: what our quoted-printable writer makes is so but for its very end. */
function isCanonical(body: Buffer): boolean {
  if (body.length === 0) return true;
  if (body.includes(tab) || canonicalEnd(body) !== body.length) return false;
  return !body.includes('  ') && !body.includes(' \r\n');
}

/**
 * How much of a body in quoted-printable is its canonical form: all but the empty lines at its end. Needs a body that ends
 * in CRLF and is canonical up to there; 0 for one that does not end so.
 */
export function canonicalEnd(body: Buffer): number {
  let end = body.length;
  if (end < 2 || body[end - 1] !== lf || body[end - 2] !== cr) return 0;
  while (end >= 4 && body[end - 3] === lf && body[end - 4] === cr) end -= 2;
  // RFC 6376 §3.4.4: a body of nothing but empty lines is canonicalised to nothing.
  return end === 2 ? 0 : end;
}
