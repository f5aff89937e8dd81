/** An argument of a Sieve command or test (RFC 5228 §2.4, §2.6): strings in lower case as in the script's meaning, tags with their colon. */
type Argument = readonly string[] | string;

export type SieveTest = {
  readonly name: string;
  readonly arguments: readonly Argument[];
  readonly tests: readonly SieveTest[];
};

export type SieveCommand = SieveTest & { readonly block: readonly SieveCommand[] | null };

type Token = { readonly kind: 'word' | 'tag' | 'text' | 'mark'; readonly text: string };

// A script is written by hand or by a web page; anything larger is not looked through.
const mostTokens = 100_000;
const deepest = 50;

/** Reads a Sieve script (RFC 5228 §8); null: it cannot be read. */
export function readSieve(script: string): readonly SieveCommand[] | null {
  const tokens = tokensOf(script);
  if (tokens === null) return null;
  const reader = new Reader(tokens);
  const commands = reader.commands(0);
  return commands !== null && reader.isAtEnd ? commands : null;
}

const space = /[ \t\r\n]+/y;
const comment = /#[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\//y;
const multiline = /text:[ \t]*(?:#[^\r\n]*)?\r?\n([\s\S]*?)\r?\n\.\r?(?:\n|$)/iy;
const quoted = /"((?:[^"\\]|\\[\s\S])*)"/y;
const word = /:?[A-Za-z_][A-Za-z0-9_]*|\d+[KMG]?/y;
const mark = /[;,()[\]{}]/y;

function tokensOf(script: string): readonly Token[] | null {
  const tokens: Token[] = [];
  let at = 0;
  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(script);
    if (found !== null) at += found[0].length;
    return found;
  };
  while (at < script.length) {
    if (tokens.length > mostTokens) return null;
    if (match(space) !== null || match(comment) !== null) continue;
    const long = match(multiline) ?? match(quoted);
    if (long !== null) {
      tokens.push({ kind: 'text', text: (long[1] ?? '').replaceAll(/\\([\s\S])/g, '$1') });
      continue;
    }
    const named = match(word);
    if (named !== null) {
      tokens.push({ kind: named[0].startsWith(':') ? 'tag' : 'word', text: named[0].toLowerCase() });
      continue;
    }
    const sign = match(mark);
    if (sign === null) return null;
    tokens.push({ kind: 'mark', text: sign[0] });
  }
  return tokens;
}

class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Up to a closing brace or the end. */
  commands(depth: number): readonly SieveCommand[] | null {
    const commands: SieveCommand[] = [];
    while (!this.isAtEnd && !this.#sees('}')) {
      const command = depth > deepest ? null : this.#command(depth);
      if (command === null) return null;
      commands.push(command);
    }
    return commands;
  }

  #command(depth: number): SieveCommand | null {
    const head = this.#test(depth);
    if (head === null) return null;
    if (this.#takes(';')) return { ...head, block: null };
    if (!this.#takes('{')) return null;
    const block = this.commands(depth + 1);
    return block !== null && this.#takes('}') ? { ...head, block } : null;
  }

  #test(depth: number): SieveTest | null {
    const head = this.#next();
    if (head?.kind !== 'word' || depth > deepest) return null;
    const given: Argument[] = [];
    for (let each = this.#argument(); each !== null; each = this.#argument()) given.push(each);
    const tests = this.#tests(depth + 1);
    return tests === null ? null : { name: head.text, arguments: given, tests };
  }

  #tests(depth: number): readonly SieveTest[] | null {
    const next = this.#tokens[this.#at];
    if (next?.kind === 'word') {
      const test = this.#test(depth);
      return test === null ? null : [test];
    }
    if (!this.#takes('(')) return [];
    const tests: SieveTest[] = [];
    do {
      const test = this.#test(depth);
      if (test === null) return null;
      tests.push(test);
    } while (this.#takes(','));
    return this.#takes(')') ? tests : null;
  }

  #argument(): Argument | null {
    const next = this.#tokens[this.#at];
    if (next === undefined) return null;
    if (next.kind === 'text') {
      this.#at += 1;
      return [next.text];
    }
    if (next.kind === 'tag' || (next.kind === 'word' && /^\d/.test(next.text))) {
      this.#at += 1;
      return next.text;
    }
    if (!this.#sees('[')) return null;
    const close = this.#tokens.findIndex(
      (token, index) => index > this.#at && token.kind === 'mark' && token.text === ']',
    );
    if (close < 0) return null;
    const texts = this.#tokens.slice(this.#at + 1, close).filter(({ kind }) => kind === 'text');
    this.#at = close + 1;
    return texts.map(({ text }) => text);
  }

  #next(): Token | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  #sees(sign: string): boolean {
    const token = this.#tokens[this.#at];
    return token?.kind === 'mark' && token.text === sign;
  }

  #takes(sign: string): boolean {
    const is = this.#sees(sign);
    if (is) this.#at += 1;
    return is;
  }
}
