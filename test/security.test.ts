import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from './support/source-tree.ts';

const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');
/** `path` — “name of the test” */
const cited = [...page.matchAll(/`((?:src|test)\/[\w./-]+\.test\.ts)` — “([^”]+)”/g)].map(
  ([, file = '', name = '']) => ({ file, name }),
);

test('each row of the table of attacks names a test that is there', () => {
  const rows = page.split('\n').filter((line) => /^\| .*\.test\.ts`/.test(line));
  expect(rows.length).toBeGreaterThanOrEqual(12);
  for (const row of rows) expect(row).toMatch(/`(?:src|test)\/[\w./-]+\.test\.ts` — “[^”]+”/);
  const missing = cited.filter(({ file, name }) => {
    const path = join(root, file);
    return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
  });
  expect(missing).toEqual([]);
});

// Where a secret that somebody shows is compared with what we know of it.
const comparing = [
  'src/access/gate.ts',
  'src/attachments/password.ts',
  'src/attachments/download-desk.ts',
  'src/protocol/return-path/sealed-id.ts',
];

test('secrets are compared in constant time, and by nothing else', () => {
  for (const file of comparing) {
    const source = readFileSync(join(root, file), 'utf8');
    expect(source).toContain('timingSafeEqual(');
    expect(source).not.toMatch(/(?:digest|secret|token|seal|wanted)\w* (?:===|!==) \w|\.equals\(/);
  }
});
