import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import { expect, test } from 'vitest';
import { readRoomTable } from './architecture/room-table.ts';
import { lineCount, readTree, root } from './support/source-tree.ts';
import { syntaxNodes } from './support/syntax-nodes.ts';

// The rules of the house that a reader of one file alone cannot check (CONTRIBUTING.md, "House rules").

const product = readTree('{src,simulator,bin}/**/*.{ts,js}');
const everything = readTree('{src,simulator,bin,scripts,test,bench}/**/*.{ts,js}');
const tests = readTree('{src,simulator,scripts}/**/*.test.ts', 'test/**/*.ts');
const readmes = readTree('{src,simulator,knowledge,bench,test}/**/README.md');

const banned = new Set('common data helper helpers lib manager misc shared type types util utils'.split(' '));

function isDrawer(file: string): boolean {
  return file.split('/').some((part) => banned.has(part.replace(/(\.test)?\.\w+$/, '')));
}

/** Waiting for time to pass instead of for what must happen. `socket.setTimeout` and `AbortSignal` are limits. */
function sleeps(file: string, source: string): boolean {
  if (source.includes('timers/promises') && file !== 'test/house.test.ts') return true;
  const timers = new Set(['setTimeout', 'setInterval']);
  for (const node of syntaxNodes(parseSync(file, source).program)) {
    if (node['type'] === 'CallExpression' && timers.has(nameOf(node['callee']))) return true;
  }
  return false;
}

function nameOf(node: unknown): string {
  return typeof node === 'object' && node !== null && 'name' in node ? String(node.name) : '';
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

test('half of all files are shorter than 150 lines, none is longer than 500', () => {
  const sizes = [...product].map(([file, text]) => ({ file, lines: lineCount(text) }));
  expect(sizes.length).toBeGreaterThan(50);
  expect(median(sizes.map(({ lines }) => lines))).toBeLessThan(150);
  expect([...everything].filter(([, text]) => lineCount(text) > 500).map(([file]) => file)).toEqual([]);
});

test('no file and no folder is a drawer', () => {
  expect([...everything.keys(), ...readmes.keys()].filter(isDrawer)).toEqual([]);
  expect(['src/utils/a.ts', 'src/net/helpers.test.ts', 'src/net/types.ts'].filter(isDrawer)).toHaveLength(3);
  expect(isDrawer('src/database.ts')).toBe(false);
});

test('no test sleeps', () => {
  expect([...tests].filter(([file, source]) => sleeps(file, source)).map(([file]) => file)).toEqual([]);
  expect(sleeps('a.test.ts', 'await new Promise((done) => setTimeout(done, 100));')).toBe(true);
  expect(sleeps('a.test.ts', "import { setTimeout as wait } from 'node:timers/promises';")).toBe(true);
  expect(sleeps('a.test.ts', 'socket.setTimeout(100);')).toBe(false);
});

test('no README of a room is longer than 40 lines', () => {
  expect([...readmes].filter(([, text]) => lineCount(text) > 40).map(([file]) => file)).toEqual([]);
});

test('every room that others import has a door, and every room a README', () => {
  const table = readRoomTable(readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8'));
  const imported = new Set([...table.values()].flatMap((rooms) => [...rooms]));
  const without = (file: string, rooms: Iterable<string>): readonly string[] => {
    // A room with many doors may have one in each sub-folder.
    const has = (room: string): boolean =>
      [...product.keys(), ...readmes.keys()].some((found) => {
        const folder = room === 'simulator' ? room : `src/${room}`;
        return found.startsWith(`${folder}/`) && found.endsWith(`/${file}`);
      });
    return [...rooms].filter((room) => !has(room));
  };
  expect(imported.size).toBeGreaterThan(10);
  expect(without('index.ts', imported)).toEqual([]);
  expect(without('README.md', table.keys())).toEqual([]);
  expect(without('index.ts', ['attic'])).toEqual(['attic']);
});
