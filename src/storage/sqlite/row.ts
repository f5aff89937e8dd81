import type { SQLOutputValue } from 'node:sqlite';

/** One row as node:sqlite gives it. The functions below read a column as what the schema says it is, and throw else. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** A row that the query always gives, such as a count. */
export function onlyRow(row: Row | undefined): Row {
  if (row === undefined) throw new Error('a query that always gives a row gave none');
  return row;
}

export function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrong(row, column, 'a number');
  return value;
}

export function numberOrNull(row: Row, column: string): number | null {
  return row[column] === null ? null : numberOf(row, column);
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(row, column, 'a text');
  return value;
}

export function textOrNull(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function blobOf(row: Row, column: string): Buffer {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw wrong(row, column, 'octets');
  return Buffer.from(value);
}

/** A text that is one of `words`. */
export function wordOf<Word extends string>(row: Row, column: string, words: readonly Word[]): Word {
  const value = textOf(row, column);
  const word = words.find((each) => each === value);
  if (word === undefined) throw wrong(row, column, `one of ${words.join(', ')}`);
  return word;
}

function wrong(row: Row, column: string, expected: string): Error {
  return new Error(`column ${column} holds ${JSON.stringify(row[column]) ?? 'nothing'}, not ${expected}`);
}
