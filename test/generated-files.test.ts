import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { scanErrorCodes } from '../scripts/error-codes.ts';
import { generatedFiles } from '../scripts/generated-files.ts';

const root = join(import.meta.dirname, '..');

it.each(generatedFiles)('$path is what npm run generate writes', ({ path, make }) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(make(root));
});

it('docs/errors.md has every code of the sources and no other', () => {
  const { sites, unlisted } = scanErrorCodes(root);
  expect(unlisted, 'AppErrors whose code is not written out').toEqual([]);
  const page = readFileSync(join(root, 'docs/errors.md'), 'utf8');
  const listed = [...page.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]);
  expect(listed).toEqual([...new Set(sites.map((site) => site.code))].toSorted());
});
