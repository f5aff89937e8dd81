import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { breaches } from './architecture/check.ts';
import type { House } from './architecture/check.ts';
import { readImports } from './architecture/imports.ts';
import { readRoomTable } from './architecture/room-table.ts';
import { readTree, root } from './support/source-tree.ts';

const pure = new Map([['protocol', new Set(['node:crypto', 'node:buffer', 'node:url'])]]);
const manyDoors = new Set(['protocol', 'net', 'storage']);

test('the house keeps to the table in ARCHITECTURE.md', () => {
  const table = readRoomTable(readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8'));
  const files = readTree('src/**/*.ts', 'simulator/**/*.ts');
  const tree = new Map([...files].filter(([file]) => !file.endsWith('.test.ts')));
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { dependencies } = z.object({ dependencies: z.record(z.string(), z.string()) }).parse(manifest);

  expect(tree.size).toBeGreaterThan(50);
  expect(breaches({ table, tree, pure, manyDoors, packages: new Set(Object.keys(dependencies)) })).toEqual(
    [],
  );
});

const smallTable = readRoomTable(`
| room | what is in it | may import |
| --- | --- | --- |
| base | clock | |
| protocol | pure | base |
| net | sockets | base, protocol |
| simulator | a small internet | base |
`);

/** A house without fault, and what each case plants in it. */
function houseWith(planted: Readonly<Record<string, string>>): House {
  const sound = {
    'src/base/index.ts': "export { now } from './clock.ts';",
    'src/base/clock.ts':
      "import { performance } from 'node:perf_hooks';\nexport const now = () => performance.now();",
    'src/protocol/smtp/index.ts': "import type { X } from './reply.ts';\nexport type Y = X;",
    'src/protocol/smtp/reply.ts':
      "import { createHash } from 'node:crypto';\nexport type X = typeof createHash;",
    'src/net/dns/index.ts': "import { now } from '../../base/index.ts';\nexport default now;",
    'simulator/index.ts': "import { parse } from 'yaml';\nexport default parse;",
  };
  const tree = new Map(Object.entries({ ...sound, ...planted }));
  return { table: smallTable, tree, pure, manyDoors, packages: new Set(['yaml', '@scope/part']) };
}

test('a sound house has no breach', () => {
  expect(breaches(houseWith({}))).toEqual([]);
});

test.each<[what: string, file: string, source: string, breach: string]>([
  [
    'an import upwards',
    'src/base/up.ts',
    "import dns from '../net/dns/index.ts';",
    'src/base/up.ts: base may not import net (src/net/dns/index.ts)',
  ],
  [
    'an import upwards of a type alone',
    'src/base/up.ts',
    "import type dns from '../net/dns/index.ts';",
    'src/base/up.ts: base may not import net (src/net/dns/index.ts)',
  ],
  [
    'an import upwards in the middle of a type',
    'src/base/up.ts',
    "export type Up = import('../net/dns/index.ts').Up;",
    'src/base/up.ts: base may not import net (src/net/dns/index.ts)',
  ],
  [
    'an import upwards at run time',
    'src/base/up.ts',
    "export const up = () => import('../net/dns/index.ts');",
    'src/base/up.ts: base may not import net (src/net/dns/index.ts)',
  ],
  [
    'a re-export upwards',
    'src/base/up.ts',
    "export * from '../net/dns/index.ts';",
    'src/base/up.ts: base may not import net (src/net/dns/index.ts)',
  ],
  [
    "an import past another room's door",
    'src/net/dns/past.ts',
    "import { now } from '../../base/clock.ts';",
    'src/net/dns/past.ts: imports src/base/clock.ts past the door src/base/index.ts',
  ],
  [
    'an import past the door of a sub-folder',
    'src/protocol/message/past.ts',
    "import type { X } from '../smtp/reply.ts';",
    'src/protocol/message/past.ts: imports src/protocol/smtp/reply.ts past the door src/protocol/smtp/index.ts',
  ],
  [
    'an import of what is in no room',
    'src/base/out.ts',
    "import '../../test/support/fake-clock.ts';",
    'src/base/out.ts: imports test/support/fake-clock.ts, which is in no room',
  ],
  [
    'a computed import',
    'src/base/guess.ts',
    'export const guess = (name: string) => import(name);',
    'src/base/guess.ts: imports a computed path: nobody can tell what',
  ],
  [
    'a socket in a pure room',
    'src/protocol/smtp/dial.ts',
    "import net from 'node:net';",
    'src/protocol/smtp/dial.ts: protocol is pure and may not use node:net',
  ],
  [
    'a package that is not installed with the product',
    'src/base/extra.ts',
    "import { test } from '@scope/other/part';",
    'src/base/extra.ts: @scope/other is not among the dependencies of package.json',
  ],
  [
    'a room that the table does not know',
    'src/attic/index.ts',
    'export {};',
    'attic: has a folder and is not in the table of ARCHITECTURE.md',
  ],
])('%s is found', (_what, file, source, breach) => {
  expect(breaches(houseWith({ [file]: source }))).toEqual([breach]);
});

test('a room of the table without a folder is found', () => {
  const house = houseWith({});
  const table = new Map([...house.table, ['attic', new Set<string>()]]);
  expect(breaches({ ...house, table })).toEqual([
    'attic: is in the table of ARCHITECTURE.md and has no folder',
  ]);
});

test('a cycle is found, one of types alone is none', () => {
  const there = "import { b } from './b.ts';\nexport const a = b;";
  const back = "import { a } from './a.ts';\nexport const b = () => a;";
  expect(breaches(houseWith({ 'src/base/a.ts': there, 'src/base/b.ts': back }))).toEqual([
    'cycle: src/base/a.ts → src/base/b.ts → src/base/a.ts',
  ]);
  const typeBack = back.replace('import {', 'import type {');
  expect(breaches(houseWith({ 'src/base/a.ts': there, 'src/base/b.ts': typeBack }))).toEqual([]);
});

test('imports are read in every form, and only imports', () => {
  const source = `
    import one, { type Two } from './one.ts';
    import './two.ts';
    import type { Three } from './three.ts';
    export type { Four } from './four.ts';
    export { five } from './five.ts';
    export * as six from './six.ts';
    const seven = await import('./seven.ts');
    type Eight = import('./eight.ts').Eight;
    // import nine from './nine.ts';
    const ten = "import ten from './ten.ts'";
  `;
  const read = readImports('x.ts', source).map(
    (one) => `${one.typeOnly ? 'type ' : ''}${one.specifier ?? '?'}`,
  );
  expect(read.toSorted()).toEqual([
    './five.ts',
    './one.ts',
    './seven.ts',
    './six.ts',
    './two.ts',
    'type ./eight.ts',
    'type ./four.ts',
    'type ./three.ts',
  ]);
});
