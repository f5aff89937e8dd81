type SyntaxNode = Readonly<Record<string, unknown>>;

/** Every node of a syntax tree as oxc-parser gives it, parents before their children. */
export function* syntaxNodes(tree: unknown): Generator<SyntaxNode> {
  if (typeof tree !== 'object' || tree === null) return;
  const node = { ...tree } as SyntaxNode;
  if (typeof node['type'] === 'string') yield node;
  for (const child of Array.isArray(tree) ? tree : Object.values(node)) yield* syntaxNodes(child);
}
