import path from 'node:path/posix';
import { findCycles } from './cycles.ts';
import { readImports } from './imports.ts';
import type { Import } from './imports.ts';
import type { RoomTable } from './room-table.ts';

/** Path from the root, with `/`, → its text. Only the files that the product runs: no tests. */
export type Tree = ReadonlyMap<string, string>;

export type House = {
  readonly table: RoomTable;
  readonly tree: Tree;
  /** Rooms that touch nothing outside, each with the built-in modules it may use all the same. */
  readonly pure: ReadonlyMap<string, ReadonlySet<string>>;
  /** Rooms in which each sub-folder has its own door. */
  readonly manyDoors: ReadonlySet<string>;
  /** `dependencies` of package.json: what an installed package has. */
  readonly packages: ReadonlySet<string>;
};

type Place = { readonly room: string; readonly door: string };
type Edge = { readonly file: string; readonly at: Place; readonly target: string; readonly import: Import };

/** Every breach of the table and of the doors, one line each; empty when all is well. */
export function breaches(house: House): readonly string[] {
  const found: string[] = [...roomBreaches(house)];
  const graph = new Map<string, string[]>();
  for (const [file, source] of house.tree) {
    const at = placeOf(house, file);
    if (at === null) continue;
    const next: string[] = [];
    graph.set(file, next);
    for (const one of readImports(file, source)) {
      const problem = importBreach(house, { file, at, target: resolve(file, one), import: one });
      if (problem !== null) found.push(`${file}: ${problem}`);
      if (one.specifier?.startsWith('.') === true && !one.typeOnly) next.push(resolve(file, one));
    }
  }
  for (const cycle of findCycles(graph)) found.push(`cycle: ${cycle.join(' → ')}`);
  return found;
}

function roomBreaches({ table, tree }: House): readonly string[] {
  const built = new Set([...tree.keys()].map(roomOf).filter((room) => room !== null));
  const missing = [...table.keys()].filter((room) => !built.has(room));
  const unlisted = [...built].filter((room) => !table.has(room));
  return [
    ...missing.map((room) => `${room}: is in the table of ARCHITECTURE.md and has no folder`),
    ...unlisted.map((room) => `${room}: has a folder and is not in the table of ARCHITECTURE.md`),
  ];
}

function importBreach(house: House, edge: Edge): string | null {
  const { specifier } = edge.import;
  if (specifier === null) return 'imports a computed path: nobody can tell what';
  if (specifier.startsWith('node:')) return builtinBreach(house, edge.at, specifier);
  if (!specifier.startsWith('.')) return packageBreach(house, specifier);
  return fileBreach(house, edge);
}

function builtinBreach({ pure }: House, { room }: Place, specifier: string): string | null {
  const allowed = pure.get(room);
  return allowed === undefined || allowed.has(specifier)
    ? null
    : `${room} is pure and may not use ${specifier}`;
}

function packageBreach({ packages }: House, specifier: string): string | null {
  const parts = specifier.split('/');
  const name = specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? '');
  return packages.has(name) ? null : `${name} is not among the dependencies of package.json`;
}

function fileBreach(house: House, { at, target }: Edge): string | null {
  const to = placeOf(house, target);
  if (to === null) return `imports ${target}, which is in no room`;
  if (to.door === at.door) return null;
  if (to.room !== at.room && house.table.get(at.room)?.has(to.room) !== true) {
    return `${at.room} may not import ${to.room} (${target})`;
  }
  return target === to.door ? null : `imports ${target} past the door ${to.door}`;
}

function resolve(file: string, { specifier }: Import): string {
  return path.join(path.dirname(file), specifier ?? '');
}

/** The room of a file, null outside of all rooms. */
function roomOf(file: string): string | null {
  const [top, second, ...rest] = file.split('/');
  if (top === 'simulator') return top;
  return top === 'src' && second !== undefined && rest.length > 0 ? second : null;
}

/** A file that stands beside the sub-folders of a room with many doors belongs to the room's own door. */
function placeOf({ manyDoors }: House, file: string): Place | null {
  const room = roomOf(file);
  if (room === null) return null;
  const [, , folder, ...rest] = file.split('/');
  const sub = manyDoors.has(room) && folder !== undefined && rest.length > 0 ? `${folder}/` : '';
  return { room, door: room === 'simulator' ? 'simulator/index.ts' : `src/${room}/${sub}index.ts` };
}
