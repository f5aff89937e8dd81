import { parseSync } from 'oxc-parser';
import { syntaxNodes } from '../support/syntax-nodes.ts';

/** One import of a file, whatever its form: import, export-from, `import()` or `import('…').Type`. */
export type Import = {
  /** As written; null when it is computed and nobody can tell. */
  readonly specifier: string | null;
  /** true when nothing of it is left at run time. */
  readonly typeOnly: boolean;
};

/** Every import of a TypeScript or JavaScript file; throws on a file that cannot be parsed. */
export function readImports(file: string, source: string): readonly Import[] {
  const { module, program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message ?? 'cannot be parsed'}`);
  const found: Import[] = [];
  for (const { moduleRequest, entries } of module.staticImports) {
    found.push({ specifier: moduleRequest.value, typeOnly: onlyTypes(entries) });
  }
  for (const { entries } of module.staticExports) {
    const from = entries.filter((entry) => entry.moduleRequest !== null);
    const specifier = from[0]?.moduleRequest?.value;
    if (specifier !== undefined) found.push({ specifier, typeOnly: onlyTypes(from) });
  }
  return [...found, ...fromTree(program)];
}

/** `import './x.ts'` has no entries and is there for what it does. */
function onlyTypes(entries: readonly { readonly isType: boolean }[]): boolean {
  return entries.length > 0 && entries.every((entry) => entry.isType);
}

/** `import()` and `import('…').Type` are found in the tree: the module record knows no type of the second form. */
function fromTree(program: unknown): readonly Import[] {
  const found: Import[] = [];
  for (const node of syntaxNodes(program)) {
    if (node['type'] === 'ImportExpression')
      found.push({ specifier: literal(node['source']), typeOnly: false });
    if (node['type'] === 'TSImportType') found.push({ specifier: literal(node['source']), typeOnly: true });
  }
  return found;
}

function literal(source: unknown): string | null {
  if (typeof source !== 'object' || source === null || !('value' in source)) return null;
  return typeof source.value === 'string' ? source.value : null;
}
