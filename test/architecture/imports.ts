import { parseSync } from 'oxc-parser';

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
  collectFromTree(program, found);
  return found;
}

/** `import './x.ts'` has no entries and is there for what it does. */
function onlyTypes(entries: readonly { readonly isType: boolean }[]): boolean {
  return entries.length > 0 && entries.every((entry) => entry.isType);
}

/** `import()` and `import('…').Type` are found in the tree: the module record knows no type of the second form. */
function collectFromTree(node: unknown, found: Import[]): void {
  if (Array.isArray(node)) {
    for (const item of node) collectFromTree(item, found);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'ImportExpression')
    found.push({ specifier: literal(node), typeOnly: false });
  if ('type' in node && node.type === 'TSImportType')
    found.push({ specifier: literal(node), typeOnly: true });
  for (const child of Object.values(node)) collectFromTree(child, found);
}

function literal(node: object): string | null {
  const source: unknown = 'source' in node ? node.source : null;
  if (typeof source !== 'object' || source === null || !('value' in source)) return null;
  return typeof source.value === 'string' ? source.value : null;
}
