const dot = 0x2e;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;
const dotDot = Buffer.from('\n..');

/** Doubles the dot at the start of each line (RFC 5321 §4.5.2). Gives the body itself when no line starts with one. */
export function stuffDots(body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  if (body[0] === dot) pieces.push(dotDot.subarray(1, 2));
  for (let at = body.indexOf('\n.'); at !== -1; at = body.indexOf('\n.', at + 2)) {
    pieces.push(body.subarray(from, at), dotDot);
    from = at + 2;
  }
  if (pieces.length === 0) return body;
  pieces.push(body.subarray(from));
  return Buffer.concat(pieces);
}

/** true when the bytes end with CRLF, so that the final dot stands on a line of its own. */
export function endsWithLineEnd(body: Buffer): boolean {
  const length = body.length;
  return length === 0 || (body[length - 1] === lineFeed && body[length - 2] === carriageReturn);
}
