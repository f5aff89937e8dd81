// RFC 5321 §4.1.1.4: mail data ends with CRLF "." CRLF, and with nothing else: a bare LF before or after the dot
// does not count, else two servers could disagree on where a message ends (SMTP smuggling).
const terminator = Buffer.from('\r\n.\r\n', 'latin1');

/** Finds the end of mail data in a stream of chunks without splitting it into lines. */
export type DotScanner = {
  /** Index behind the terminator, or -1 when it is not complete within this chunk. */
  scan(chunk: Buffer, from: number): number;
};

/** Starts behind the CRLF of the DATA command, which counts as the first CRLF: `.CRLF` alone is an empty message. */
export function createDotScanner(): DotScanner {
  let matched = 2;
  return {
    scan(chunk, from): number {
      let at = from;
      // Finish (or give up) a match begun in the chunk before, byte by byte: at most a few steps.
      while (matched > 0 && at < chunk.length) {
        matched = advance(matched, chunk[at] ?? 0);
        at += 1;
        if (matched === terminator.length) return at;
      }
      if (matched > 0) return -1;
      const found = chunk.indexOf(terminator, at);
      if (found !== -1) return found + terminator.length;
      for (let tail = Math.max(at, chunk.length - terminator.length + 1); tail < chunk.length; tail += 1) {
        matched = advance(matched, chunk[tail] ?? 0);
      }
      return -1;
    },
  };
}

/** One step of matching CRLF.CRLF; after a mismatch the longest prefix that still fits. */
function advance(matched: number, byte: number): number {
  if (byte === terminator[matched]) return matched + 1;
  if (byte !== 0x0d) return 0;
  return 1;
}
