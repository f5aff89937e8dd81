import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { bounce } from '../../../test/contract/samples.ts';
import { migrations } from './migrations/index.ts';
import { returnedBounds } from './returned-bounds.ts';
import { insertReturned, returnedParameters } from './returned-row.ts';

test('of what nothing proves the oldest goes, and what is proved stays', () => {
  const db = new DatabaseSync(':memory:');
  for (const { sql } of migrations) db.exec(sql);
  const bounds = returnedBounds(db, 100);
  const insert = db.prepare(insertReturned);
  const add = (digest: string, trusted: boolean): void => {
    const news = bounce(0, { digest, trusted, messageId: null, matchedBy: null });
    insert.run(...returnedParameters(news, null));
    bounds.added(news);
  };
  const left = (): unknown[] =>
    db
      .prepare('SELECT digest FROM returned ORDER BY seq')
      .all()
      .map(({ digest }) => digest);
  add('proved', true);
  for (let nth = 0; nth < 100; nth += 1) add(`stray${nth}`, false);
  expect(left()).toHaveLength(101);
  add('stray100', false);
  expect(left().slice(0, 2)).toEqual(['proved', 'stray11']);
  expect(left()).toHaveLength(91);
  bounds.forget();
  for (let nth = 101; nth < 1_000; nth += 1) add(`stray${nth}`, false);
  expect(left().length).toBeLessThanOrEqual(101);
  expect(left().at(-1)).toBe('stray999');
  expect(left()).toContain('proved');
  db.close();
});
