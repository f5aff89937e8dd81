// A batch of 1,000 recipients with a page of variables each is 5 MB, the largest content 25 MB and its JSON twice that.
const longestLineBytes = 64 * 1024 * 1024;

const newline = 0x0a;

/** Takes chunks, gives whole lines; `onTooLong` once, when a line grows beyond all use. */
export function createLineReader(
  onLine: (line: string) => void,
  onTooLong: () => void,
): (chunk: Buffer) => void {
  let parts: Buffer[] = [];
  let length = 0;
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      length = 0;
      start = end + 1;
      onLine(line);
    }
    const rest = chunk.subarray(start);
    length += rest.length;
    if (length > longestLineBytes) {
      parts = [];
      length = 0;
      onTooLong();
    } else if (rest.length > 0) parts.push(rest);
  };
}

/** The value of a line; undefined when it is no JSON object. */
export function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- any object is a record of unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
