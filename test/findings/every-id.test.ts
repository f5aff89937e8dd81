import path from 'node:path';
import { expect, test } from 'vitest';
import { loadFindingTexts } from '../../src/findings/index.ts';
import { defaultKnowledgeFolder } from '../../src/knowledge/index.ts';
import { readTree, root } from '../support/source-tree.ts';
import type { BrokenWorld } from './world.ts';

const texts = loadFindingTexts(defaultKnowledgeFolder());
const topics = new Set([...texts.keys()].map((id) => id.slice(0, id.indexOf('.'))));

// What says that nothing is wrong is found in the healthy worlds.
const faults = [...texts].filter(([, { severity }]) => severity !== 'ok').map(([id]) => id);

test.each([...topics])('each finding of %s has a broken world of its own', async (topic) => {
  const file = path.join(root, 'test/findings', `${topic}-worlds.ts`);
  const { brokenWorlds } = (await import(file)) as { readonly brokenWorlds: readonly BrokenWorld[] };
  const shown = new Set(brokenWorlds.map(({ id }) => id));
  expect(faults.filter((id) => id.startsWith(`${topic}.`) && !shown.has(id))).toEqual([]);
  expect([...shown].filter((id) => !texts.has(id))).toEqual([]);
});

test('each finding is made somewhere', () => {
  const sources = [...readTree('src/**/*.ts')].filter(([file]) => !file.endsWith('.test.ts'));
  const all = sources.map(([, text]) => text).join('\n');
  const unused = [...texts.keys()].filter(
    (id) => !all.includes(`'${id.slice(id.indexOf('.') + 1)}'`) && !all.includes(`'${id}'`),
  );
  expect(unused).toEqual([]);
});
