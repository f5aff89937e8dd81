import { cutToWidth, displayWidth, padToWidth } from './display-width.ts';

export type Column = {
  readonly title: string;
  /** Numbers stand to the right. Default left. */
  readonly align?: 'left' | 'right';
};

export type Table = {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** Columns of the terminal: the last column is cut to fit. Without it nothing is cut. */
  readonly widthColumns?: number;
};

const gap = '  ';

/** A table as lines of text: titles, a rule, rows; columns line up in Japanese as well. */
export function tableText(table: Table): string {
  const titles = table.columns.map((column) => column.title);
  const cells = table.rows.map((row) => table.columns.map((_, index) => oneLine(row[index] ?? '')));
  const widths = titles.map((title, index) =>
    Math.max(displayWidth(title), ...cells.map((row) => displayWidth(row[index] ?? ''))),
  );
  const line = (row: readonly string[]): string => {
    const padded = row.map((cell, index) =>
      padToWidth(cell, widths[index] ?? 0, table.columns[index]?.align),
    );
    const text = padded.join(gap).trimEnd();
    return table.widthColumns === undefined ? text : cutToWidth(text, table.widthColumns);
  };
  const rule = line(widths.map((width) => '-'.repeat(width)));
  return [line(titles), rule, ...cells.map(line)].join('\n');
}

/** Replies and values may hold line ends or terminal controls; a cell never does. */
function oneLine(cell: string): string {
  return cell.replace(/\p{Cc}+/gu, ' ');
}
