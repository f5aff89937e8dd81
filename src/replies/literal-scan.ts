// Most replies match one rule out of hundreds. One pass over the text with an Aho–Corasick automaton finds the patterns
// whose literal is there at all; only those are run. The table is kept small, because it is read once for every character
// and what counts is whether it stays in the processor's cache.

/** Finds which of many literals occur in a text, in one pass and without regard to case. */
export type LiteralScan = {
  /** Sets the bit of each literal's owner in `found` (bit `n & 31` of word `n >> 5`). */
  scan(text: string, found: Uint32Array): void;
};

/**
 * Letters have columns of their own, all other characters share the rest by their number. Sharing only finds literals that
 * are not there, and the pattern itself decides; a row of 64 octets is one line of the processor's cache.
 */
const columnBits = 5;
const spaceColumn = 27;
const firstShared = 28;
const sharedColumns = 4;
/** So much of a literal is looked for: 15 patterns instead of 14 could match the average reply, with half of the states. */
const longestLooked = 10;
const codeUnits = 65_536;

type Trie = { readonly children: Map<number, number>[]; readonly owners: number[][] };

/** Builds the automaton from (literal, owner) pairs. */
export function buildLiteralScan(pairs: readonly (readonly [string, number])[]): LiteralScan {
  const { of, bits } = columns();
  const trie: Trie = { children: [new Map<number, number>()], owners: [[]] };
  for (const [literal, owner] of pairs) insert(trie, of, { literal: literal.slice(0, longestLooked), owner });
  const { table, firstWithOwners, starts, owners } = complete(trie, bits);
  return {
    scan(text, found) {
      let state = 0;
      for (let index = 0; index < text.length; index += 1) {
        state = table[(state << bits) | (of[text.charCodeAt(index)] ?? 0)] ?? 0;
        if (state < firstWithOwners) continue;
        const end = starts[state - firstWithOwners + 1] ?? 0;
        for (let at = starts[state - firstWithOwners] ?? 0; at < end; at += 1) {
          const owner = owners[at] ?? 0;
          found[owner >> 5] = (found[owner >> 5] ?? 0) | (1 << (owner & 31));
        }
      }
    },
  };
}

type Columns = { readonly of: Uint8Array; readonly bits: number };

/** A column for each letter (upper and lower case are one) and for the space; column 0 leads back to the root. */
function columns(): Columns {
  const of = new Uint8Array(codeUnits);
  for (let unit = 0; unit < codeUnits; unit += 1) {
    const fold = folded(unit);
    if (fold >= 65 && fold <= 90) of[unit] = fold - 64;
    else if (fold === 32) of[unit] = spaceColumn;
    else of[unit] = fold < 128 ? firstShared + (fold % sharedColumns) : 1 + (fold % (2 ** columnBits - 1));
  }
  return { of, bits: columnBits };
}

/** The same number for characters that a pattern with the flag `i` takes for one (ECMA-262 Canonicalize). */
function folded(unit: number): number {
  const upper = String.fromCharCode(unit).toUpperCase();
  return upper.length === 1 ? upper.charCodeAt(0) : unit;
}

function insert(trie: Trie, of: Uint8Array, entry: { literal: string; owner: number }): void {
  let state = 0;
  for (let index = 0; index < entry.literal.length; index += 1) {
    const column = of[entry.literal.charCodeAt(index)] ?? 0;
    let child = trie.children[state]?.get(column);
    if (child === undefined) {
      child = trie.owners.length;
      trie.children[state]?.set(column, child);
      trie.children.push(new Map());
      trie.owners.push([]);
    }
    state = child;
  }
  trie.owners[state]?.push(entry.owner);
}

type Automaton = {
  readonly table: Uint16Array | Int32Array;
  /** States are numbered so that those with owners come last. */
  readonly firstWithOwners: number;
  readonly starts: Int32Array;
  readonly owners: Int32Array;
};

/** Adds the edges that the trie lacks: each goes where the longest proper suffix would go. */
function complete(trie: Trie, bits: number): Automaton {
  const count = trie.owners.length;
  const full = new Int32Array(count << bits);
  const suffix = new Int32Array(count);
  const queue: number[] = [0];
  for (let head = 0; head < queue.length; head += 1) {
    const state = queue[head] ?? 0;
    const fallback = suffix[state] ?? 0;
    if (state !== 0) full.copyWithin(state << bits, fallback << bits, (fallback + 1) << bits);
    for (const [column, child] of trie.children[state] ?? []) {
      const beyond = state === 0 ? 0 : (full[(state << bits) | column] ?? 0);
      suffix[child] = beyond;
      trie.owners[child]?.push(...(trie.owners[beyond] ?? []));
      full[(state << bits) | column] = child;
      queue.push(child);
    }
  }
  return renumbered(trie.owners, queue, { full, bits });
}

function renumbered(
  ownersOf: readonly (readonly number[])[],
  nearestFirst: readonly number[],
  { full, bits }: { readonly full: Int32Array; readonly bits: number },
): Automaton {
  // States near the root are met most often, so their rows stand together at the front.
  const has = (state: number): boolean => (ownersOf[state]?.length ?? 0) > 0;
  const plain = nearestFirst.filter((state) => !has(state));
  const order = [...plain, ...nearestFirst.filter(has)];
  const numberOf = new Int32Array(order.length);
  order.forEach((state, number) => (numberOf[state] = number));
  const table = order.length <= codeUnits ? new Uint16Array(full.length) : new Int32Array(full.length);
  for (const [number, state] of order.entries()) {
    for (let column = 0; column < 1 << bits; column += 1) {
      table[(number << bits) | column] = numberOf[full[(state << bits) | column] ?? 0] ?? 0;
    }
  }
  const lists = order.slice(plain.length).map((state) => ownersOf[state] ?? []);
  const starts = new Int32Array(lists.length + 1);
  lists.forEach((list, index) => (starts[index + 1] = (starts[index] ?? 0) + list.length));
  return { table, firstWithOwners: plain.length, starts, owners: Int32Array.from(lists.flat()) };
}
