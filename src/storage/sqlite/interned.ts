import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { numberOf } from './row.ts';

/** Gives the id of a value that is stored once, storing it the first time. */
export type Interned<Value> = {
  idOf(value: Value): number;
  /** After a transaction that was taken back: ids handed out in it are void. */
  forget(): void;
};

export type InternedTable<Value> = {
  readonly find: string;
  readonly insert: string;
  readonly parameters: (value: Value) => readonly SQLInputValue[];
};

// A list of 1,000,000 recipients has some 10,000 to 100,000 domains; beyond that the ids are looked up again.
const keptIds = 100_000;

export function interned<Value>(db: DatabaseSync, table: InternedTable<Value>): Interned<Value> {
  const find = db.prepare(table.find);
  const insert = db.prepare(table.insert);
  const kept = new Map<string, number>();
  return {
    idOf(value) {
      const parameters = table.parameters(value);
      const [only] = parameters;
      const key = parameters.length === 1 && typeof only === 'string' ? only : JSON.stringify(parameters);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const row = find.get(...parameters);
      const id = row === undefined ? Number(insert.run(...parameters).lastInsertRowid) : numberOf(row, 'id');
      if (kept.size >= keptIds) kept.clear();
      kept.set(key, id);
      return id;
    },
    forget: () => kept.clear(),
  };
}
