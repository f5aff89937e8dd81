/**
 * A piece of Liquid of a source that was itself made from a file: its row and column in the source, then its line and
 * column in that file. All from 1.
 */
export type SourcePlace = readonly [row: number, column: number, line: number, fileColumn: number];

type At = { readonly line: number; readonly column: number };

/** Where in the file a place of the source comes from; the place itself when the source is the file. */
export function placeInFile(places: readonly SourcePlace[], { line, column }: At): At {
  const found = places.findLast(([row, from]) => row < line || (row === line && from <= column));
  if (found === undefined) return { line, column };
  const [row, from, fileLine, fileColumn] = found;
  // Liquid stands in the source as in the file, so what is inside it is as far from its beginning.
  return {
    line: fileLine + line - row,
    column: line === row ? fileColumn + column - from : column,
  };
}
