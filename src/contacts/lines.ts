/** One physical line of the file. */
export type PhysicalLine = {
  /** From 1. CRLF, LF and a lone CR each end a line. */
  readonly line: number;
  readonly text: string;
  /** What ended it: `\r\n`, `\n`, `\r`, or nothing at the end of the file. */
  readonly end: string;
  /** Longer than the limit: `text` is only its beginning. */
  readonly tooLong: boolean;
};

export type LineSplitter = { push(text: string): readonly PhysicalLine[]; end(): readonly PhysicalLine[] };

/** Cuts text into physical lines, holding at most `limitCharacters` of an unfinished one. */
export function lineSplitter(limitCharacters: number): LineSplitter {
  let line = 1;
  let rest = '';
  /** Beginning of a line that passed the limit; the remainder is dropped until its end comes. */
  let cutOff: string | null = null;

  function take(text: string, end: string): PhysicalLine {
    const whole = cutOff ?? text;
    const tooLong = cutOff !== null || text.length > limitCharacters;
    cutOff = null;
    const taken = { line, text: tooLong ? whole.slice(0, limitCharacters) : whole, end, tooLong };
    line += 1;
    return taken;
  }

  function split(text: string, last: boolean): PhysicalLine[] {
    const lines: PhysicalLine[] = [];
    let from = 0;
    let lf = text.indexOf('\n');
    let cr = text.indexOf('\r');
    for (;;) {
      if (lf !== -1 && lf < from) lf = text.indexOf('\n', from);
      if (cr !== -1 && cr < from) cr = text.indexOf('\r', from);
      const at = lf === -1 ? cr : cr === -1 ? lf : Math.min(lf, cr);
      if (at === -1) break;
      // A CR at the very end may be the first half of CRLF.
      if (at === cr && at === text.length - 1 && !last) break;
      const end = at === cr ? (text[at + 1] === '\n' ? '\r\n' : '\r') : '\n';
      lines.push(take(text.slice(from, at), end));
      from = at + end.length;
    }
    rest = text.slice(from);
    return lines;
  }

  return {
    push(text) {
      const lines = split(rest + text, false);
      if (rest.length > limitCharacters) {
        cutOff ??= rest.slice(0, limitCharacters);
        // A CR kept for its LF stays; everything else of the overlong line is dropped.
        rest = rest.endsWith('\r') ? '\r' : '';
      }
      return lines;
    },
    end() {
      const lines = split(rest, true);
      if (rest !== '' || cutOff !== null) lines.push(take(rest, ''));
      rest = '';
      return lines;
    },
  };
}
