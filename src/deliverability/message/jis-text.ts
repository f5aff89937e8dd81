/** What in a text of ISO-2022-JP is not of ISO-2022-JP. */
export type JisStrangers = {
  /** Half-width katakana: JIS X 0201 by ESC ( I, which RFC 1468 leaves out. */
  readonly halfWidth: readonly string[];
  /** Characters of vendors, as `①` or, where they cannot be read, by row and cell. */
  readonly vendor: readonly string[];
};

// RFC 1468: ESC ( B, ESC ( J, ESC $ @, ESC $ B are all that there is; ESC ( I is Microsoft's addition.
// oxlint-disable-next-line no-control-regex -- ESC begins each of the sequences
const escape = /\u001b(\(B|\(J|\(I|\$@|\$B|\$\(D)/g;

const mostShown = 20;

/** Finds half-width katakana and the rows that JIS X 0208 leaves free and NEC and IBM have filled. Never throws. */
export function rowsOf(octets: Buffer): JisStrangers {
  const text = octets.toString('latin1');
  const halfWidth = new Set<string>();
  const vendor = new Set<string>();
  const marks = [...text.matchAll(escape)];
  for (const [index, mark] of marks.entries()) {
    const run = text.slice(mark.index + mark[0].length, marks[index + 1]?.index ?? text.length);
    if (mark[1] === '(I') for (const kana of halfWidthOf(run)) halfWidth.add(kana);
    if (mark[1] === '$B' || mark[1] === '$@') for (const cell of vendorCellsOf(run)) vendor.add(cell);
  }
  return { halfWidth: [...halfWidth].slice(0, mostShown), vendor: [...vendor].slice(0, mostShown) };
}

function halfWidthOf(run: string): readonly string[] {
  // JIS X 0201 in 7 bits: 0x21–0x5F are U+FF61–U+FF9F.
  return Array.from(run.matchAll(/[\u0021-\u005f]/g), ([letter]) =>
    String.fromCharCode(letter.charCodeAt(0) + 0xff61 - 0x21),
  );
}

// JIS X 0208: rows 9–15 and 85–94 are free. NEC put ①, ㈱, Ⅰ into row 13 and IBM's kanji (髙, 﨑) into 89–92.
function isFree(row: number): boolean {
  return (row >= 9 && row <= 15) || row >= 85;
}

function vendorCellsOf(run: string): readonly string[] {
  const cells: string[] = [];
  for (const [pair] of run.matchAll(/[\u0021-\u007e]{2}/g)) {
    const row = pair.charCodeAt(0) - 0x20;
    if (isFree(row)) cells.push(readCell(pair) ?? `${row}-${pair.charCodeAt(1) - 0x20}`);
  }
  return cells;
}

const eucJp = new TextDecoder('euc-jp');

/** The same cell in EUC-JP, whose decoder has the vendors' rows (Encoding standard, index jis0208). */
function readCell(pair: string): string | null {
  const octets = Buffer.from([pair.charCodeAt(0) | 0x80, pair.charCodeAt(1) | 0x80]);
  const read = eucJp.decode(octets);
  return read.includes('\ufffd') ? null : read;
}
