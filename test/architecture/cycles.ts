/** Who imports whom at run time. */
export type Graph = ReadonlyMap<string, readonly string[]>;

/** The circles of a graph, each as the way round: first file, …, first file. One circle per knot is enough. */
export function findCycles(graph: Graph): readonly (readonly string[])[] {
  const state = new Map<string, 'open' | 'closed'>();
  const cycles: string[][] = [];
  const way: string[] = [];

  function visit(file: string): void {
    state.set(file, 'open');
    way.push(file);
    for (const next of graph.get(file) ?? []) {
      if (state.get(next) === 'open') cycles.push([...way.slice(way.indexOf(next)), next]);
      else if (state.get(next) === undefined) visit(next);
    }
    way.pop();
    state.set(file, 'closed');
  }

  for (const file of graph.keys()) if (state.get(file) === undefined) visit(file);
  return cycles;
}
