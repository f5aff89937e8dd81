import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// src/knowledge/ in a checkout is two folders below the root, dist/src/knowledge/ in the package three.
const mostLevels = 4;

/** The `knowledge/` folder that came with this Todoku, in a checkout as in the published package. */
export function defaultKnowledgeFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level < mostLevels; level += 1) {
    folder = dirname(folder);
    const candidate = join(folder, 'knowledge');
    if (existsSync(join(candidate, 'verdicts.yaml'))) return candidate;
  }
  throw new Error(`no knowledge folder above ${import.meta.url}: the package is incomplete`);
}
