// Reply texts come from strangers, and patterns from files that operators may extend. A backtracking matcher is only
// safe on patterns whose worst case is known, so this reads a small subset of regular expressions, refuses the rest,
// and bounds the number of ways in which one starting point can be tried.

/**
 * Largest product of repetitions in one pattern. Only starting points where the words before a repetition stand cost
 * that much; the worst text we could build for the built-in rules is in classify.test.ts.
 */
const mostWays = 8_000;
const shortestLiteral = 3;
/** Two characters of Japanese or Chinese are a word. */
const shortestWideLiteral = 2;
/** With words of two places 10 patterns could match the average reply, with those of one 30. */
const mostRequired = 2;

/** A pattern that was read: what to run and which text must be there for it to match at all. */
export type SafePattern = Branch & {
  /** The alternatives of the outermost level: the pattern matches where one of them does. */
  readonly branches: readonly Branch[];
};

export type Branch = {
  readonly regex: RegExp;
  /** Lower-case strings of which at least one occurs in every match; empty when there is no such set. */
  readonly literals: readonly string[];
  /** All such sets that were found, that of `literals` first: of each of them a string occurs in every match. */
  readonly required: readonly (readonly string[])[];
};

type Piece = {
  /** Fixed text that the piece is (lower case), null when it varies. */
  readonly text: string | null;
  /** Sets of which a string each occurs wherever the piece does, the most telling first. */
  readonly required: readonly (readonly string[])[];
  /** In how many ways it can be tried from one starting point. */
  readonly ways: number;
};

/** Compiles a pattern of the subset; the error says which part is not allowed. */
export function compilePattern(source: string): SafePattern | { readonly error: string } {
  const reader = { source, at: 0 };
  try {
    const whole = readAlternatives(reader);
    if (reader.at < source.length) return { error: `unbalanced ) at ${reader.at + 1}` };
    if (whole.ways > mostWays) return { error: `can be tried in ${whole.ways} ways, more than ${mostWays}` };
    const branches = outermostAlternatives(source).map((branch) => ({
      regex: new RegExp(branch, 'i'),
      ...literalsOf(readAlternatives({ source: branch, at: 0 })),
    }));
    return { regex: new RegExp(source, 'i'), ...literalsOf(whole), branches };
  } catch (error) {
    // RegExp's own syntax errors and ours alike mean a pattern that the file's author has to correct.
    if (error instanceof SyntaxError) return { error: error.message };
    throw error;
  }
}

function literalsOf({ required }: Piece): Pick<Branch, 'literals' | 'required'> {
  return { literals: required[0] ?? [], required };
}

/** `a|(?:b|c)d` → `a`, `(?:b|c)d`. The source was read before, so its brackets are known to be in order. */
function outermostAlternatives(source: string): readonly string[] {
  const branches: string[] = [];
  let depth = 0;
  let inClass = false;
  let start = 0;
  for (let at = 0; at < source.length; at += 1) {
    const character = source[at];
    if (character === '\\') at += 1;
    else if (inClass) inClass = character !== ']';
    else if (character === '[') inClass = true;
    else if (character === '(') depth += 1;
    else if (character === ')') depth -= 1;
    else if (character === '|' && depth === 0) {
      branches.push(source.slice(start, at));
      start = at + 1;
    }
  }
  return [...branches, source.slice(start)];
}

type PatternReader = { readonly source: string; at: number };

function readAlternatives(reader: PatternReader): Piece {
  const branches: Piece[] = [readSequence(reader)];
  while (reader.source[reader.at] === '|') {
    reader.at += 1;
    branches.push(readSequence(reader));
  }
  const only = branches[0];
  if (branches.length === 1 && only !== undefined) return only;
  const sets = Math.min(...branches.map((branch) => branch.required.length));
  return {
    text: null,
    required: Array.from({ length: sets }, (_, set) =>
      branches.flatMap((branch) => branch.required[set] ?? []),
    ),
    // Words as branches fail at once where they do not stand; only repetitions inside a branch have to be undone.
    ways: branches.reduce((sum, branch) => sum + branch.ways - 1, 1),
  };
}

function readSequence(reader: PatternReader): Piece {
  const { source } = reader;
  let run = '';
  const offered: (readonly string[])[] = [];
  let ways = 1;
  let fixed = true;
  let total = '';
  while (reader.at < source.length && source[reader.at] !== '|' && source[reader.at] !== ')') {
    const piece = readRepeated(reader);
    ways *= piece.ways;
    if (piece.text === null) {
      offered.push(...literalOf(run), ...piece.required);
      run = '';
      fixed = false;
    } else {
      run += piece.text;
      total += piece.text;
    }
  }
  offered.push(...literalOf(run));
  const required = offered.toSorted((a, b) => weight(b) - weight(a)).slice(0, mostRequired);
  return { text: fixed ? total : null, required, ways };
}

/** The set of the one literal that a run of fixed text is; none when it is too short to tell anything. */
function literalOf(run: string): readonly (readonly string[])[] {
  const least = /^[\u0080-\uffff]/.test(run) ? shortestWideLiteral : shortestLiteral;
  return run.length >= least ? [[run]] : [];
}

function weight(literals: readonly string[]): number {
  return literals.length === 0 ? 0 : Math.min(...literals.map((literal) => literal.length));
}

function readRepeated(reader: PatternReader): Piece {
  const piece = readAtom(reader);
  const bounds = readBounds(reader);
  if (bounds === null) return piece;
  const [least, most] = bounds;
  if (most > 1 && piece.ways > 1) throw new SyntaxError(`a repetition inside a repetition before ${reader.at}`);
  if (reader.source[reader.at] === '?') reader.at += 1; // a lazy quantifier costs the same
  return {
    text: null,
    required: least > 0 ? (piece.text === null ? piece.required : literalOf(piece.text)) : [],
    ways: piece.ways * (most - least + 1),
  };
}

function readBounds(reader: PatternReader): readonly [number, number] | null {
  const next = reader.source[reader.at];
  if (next === '*' || next === '+') {
    throw new SyntaxError(`unbounded ${next} at ${reader.at + 1}; write {0,80} or {1,80}`);
  }
  if (next === '?') {
    reader.at += 1;
    return [0, 1];
  }
  if (next !== '{') return null;
  const match = /^\{(\d{1,3})(?:,(\d{1,3}))?\}/.exec(reader.source.slice(reader.at, reader.at + 10));
  if (match === null) throw new SyntaxError(`unbounded or broken {…} at ${reader.at + 1}`);
  reader.at += match[0].length;
  const least = Number(match[1]);
  return [least, match[2] === undefined ? least : Number(match[2])];
}

const varying: Piece = { text: null, required: [], ways: 1 };

function readAtom(reader: PatternReader): Piece {
  const character = reader.source[reader.at] ?? '';
  reader.at += 1;
  if (character === '(') return readGroup(reader);
  if (character === '[') return readClass(reader);
  if (character === '\\') return readEscape(reader);
  if (character === '.') return varying;
  if (character === '^' || character === '$') return varying;
  if ('*+?{'.includes(character)) throw new SyntaxError(`nothing to repeat at ${reader.at}`);
  return { text: character.toLowerCase(), required: [], ways: 1 };
}

function readGroup(reader: PatternReader): Piece {
  if (reader.source[reader.at] === '?') {
    if (reader.source[reader.at + 1] !== ':') {
      throw new SyntaxError(`look-around or named group at ${reader.at}; only (…) and (?:…)`);
    }
    reader.at += 2;
  }
  const inner = readAlternatives(reader);
  if (reader.source[reader.at] !== ')') throw new SyntaxError('unbalanced (');
  reader.at += 1;
  return inner;
}

function readClass(reader: PatternReader): Piece {
  const start = reader.at;
  while (reader.at < reader.source.length && (reader.source[reader.at] !== ']' || reader.at === start)) {
    reader.at += reader.source[reader.at] === '\\' ? 2 : 1;
  }
  reader.at += 1;
  return varying;
}

function readEscape(reader: PatternReader): Piece {
  const escaped = reader.source[reader.at] ?? '';
  reader.at += 1;
  if ('dDsSwW'.includes(escaped) && escaped !== '') return varying;
  if (escaped === 'b') return varying;
  if (/[a-zA-Z0-9]/.test(escaped) || escaped === '') {
    throw new SyntaxError(`\\${escaped} at ${reader.at - 1} is not allowed`);
  }
  return { text: escaped, required: [], ways: 1 };
}
