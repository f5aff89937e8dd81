// A plain backtracking matcher for the subset of regular expressions that rules may use, which counts its steps. It tries
// everything that a regular expression engine without any shortcut would try, in the same order, so the count is the same
// on every machine and never below what the real engine does.

export type Counted = { readonly matched: boolean; readonly steps: number };

type Step = (at: number, next: (at: number) => boolean) => boolean;
type Run = { text: string; steps: number };

/** Matches anywhere in the text, as `RegExp.test` does; stops counting at `most`. */
export function countSteps(source: string, text: string, most: number): Counted {
  const run: Run = { text: text.toLowerCase(), steps: 0 };
  const matcher = alternatives({ source, at: 0 }, run, most);
  for (let start = 0; start <= text.length && run.steps < most; start += 1) {
    if (matcher(start, () => true)) return { matched: true, steps: run.steps };
  }
  return { matched: false, steps: run.steps };
}

type Reader = { readonly source: string; at: number };

function alternatives(reader: Reader, run: Run, most: number): Step {
  const branches = [sequence(reader, run, most)];
  while (reader.source[reader.at] === '|') {
    reader.at += 1;
    branches.push(sequence(reader, run, most));
  }
  return (at, next) => branches.some((branch) => branch(at, next));
}

function sequence(reader: Reader, run: Run, most: number): Step {
  const steps: Step[] = [];
  while (reader.at < reader.source.length && !'|)'.includes(reader.source[reader.at] ?? '')) {
    steps.push(repeated(reader, run, most));
  }
  const from =
    (index: number, next: (at: number) => boolean) =>
    (at: number): boolean => {
      const step = steps[index];
      return step === undefined ? next(at) : step(at, from(index + 1, next));
    };
  return (at, next) => from(0, next)(at);
}

function repeated(reader: Reader, run: Run, most: number): Step {
  const one = atom(reader, run, most);
  const match = /^(?:\?|\{(\d+)(?:,(\d+))?\})\??/.exec(reader.source.slice(reader.at));
  if (match === null) return one;
  reader.at += match[0].length;
  const least = match[0].startsWith('?') ? 0 : Number(match[1]);
  const longest = match[0].startsWith('?') ? 1 : Number(match[2] ?? match[1]);
  const go =
    (done: number, next: (at: number) => boolean) =>
    (at: number): boolean => {
      if (done < longest && one(at, (then) => then > at && go(done + 1, next)(then))) return true;
      return done >= least && next(at);
    };
  return (at, next) => go(0, next)(at);
}

function atom(reader: Reader, run: Run, most: number): Step {
  const character = reader.source[reader.at] ?? '';
  reader.at += 1;
  if (character === '(') {
    if (reader.source.startsWith('?:', reader.at)) reader.at += 2;
    const inner = alternatives(reader, run, most);
    reader.at += 1;
    return inner;
  }
  const counted =
    (test: (at: number) => boolean, width: number): Step =>
    (at, next) => {
      run.steps += 1;
      return run.steps < most && test(at) && next(at + width);
    };
  if (character === '^') return counted((at) => at === 0, 0);
  if (character === '$') return counted((at) => at === run.text.length, 0);
  if (character === '\\' && reader.source[reader.at] === 'b') {
    reader.at += 1;
    const isWord = (at: number): boolean => /\w/.test(run.text.charAt(at));
    return counted((at) => isWord(at - 1) !== isWord(at), 0);
  }
  const single = singleCharacter(reader, character);
  return counted((at) => at < run.text.length && single(run.text.charAt(at)), 1);
}

/** A class, an escape, the dot (lines have no line ends) or a plain character. */
function singleCharacter(reader: Reader, character: string): (other: string) => boolean {
  if (!'\\[.'.includes(character)) {
    const plain = character.toLowerCase();
    return (other) => other === plain;
  }
  if (character === '.') return () => true;
  const start = reader.at - 1;
  if (character === '\\') reader.at += 1;
  if (character === '[') {
    while (reader.source[reader.at] !== ']' || reader.at === start + 1) {
      reader.at += reader.source[reader.at] === '\\' ? 2 : 1;
    }
    reader.at += 1;
  }
  const pattern = new RegExp(`^${reader.source.slice(start, reader.at)}$`, 'i');
  return (other) => pattern.test(other);
}
