import { readSieve } from './sieve-script.ts';
import type { SieveCommand, SieveTest } from './sieve-script.ts';

/** What a script does with the mail of a sender. `certain`: whatever else the mail is. */
export type RuleEffect = {
  readonly action: 'fileinto' | 'discard' | 'reject' | 'redirect';
  /** Folder or address. */
  readonly to: string;
  readonly certain: boolean;
};

/** yes, no, or: depends on more than the sender. */
type Truth = 'yes' | 'no' | 'maybe';

/** What the script does to mail from `sender`, as far as its rules look at the sender; null: it cannot be read. */
export function effectsOn(sender: string, script: string): readonly RuleEffect[] | null {
  const commands = readSieve(script);
  if (commands === null) return null;
  const effects: RuleEffect[] = [];
  run(commands, { sender: sender.toLowerCase(), effects, about: false, certain: true });
  return effects;
}

/** `about`: a test of the sender led here. `certain`: nothing but such tests did. */
type Run = {
  readonly sender: string;
  readonly effects: RuleEffect[];
  readonly about: boolean;
  readonly certain: boolean;
};

/** true: the script is over for this mail, for sure (RFC 5228 §3.3). */
function run(commands: readonly SieveCommand[], state: Run): boolean {
  // RFC 5228 §3.1: an elsif or else is for what no branch before it took.
  let isTaken: Truth = 'no';
  for (const command of commands) {
    if (command.name === 'stop' && state.certain) return true;
    if (!branches.has(command.name)) {
      note(command, state);
      continue;
    }
    if (command.name === 'if') isTaken = 'no';
    const [test] = command.tests;
    const truth = test === undefined ? 'yes' : truthOf(test, state.sender);
    if (isTaken === 'yes' || truth === 'no') continue;
    const about = state.about || (test !== undefined && isAboutSender(test));
    const certain = state.certain && truth === 'yes' && isTaken === 'no';
    if (run(command.block ?? [], { ...state, about, certain })) return true;
    isTaken = truth === 'yes' ? 'yes' : 'maybe';
  }
  return false;
}

const branches = new Set(['if', 'elsif', 'else']);

function note({ name, arguments: given }: SieveCommand, { effects, about, certain }: Run): void {
  if (!about) return;
  if (
    name !== 'fileinto' &&
    name !== 'discard' &&
    name !== 'reject' &&
    name !== 'ereject' &&
    name !== 'redirect'
  )
    return;
  const action = name === 'ereject' ? 'reject' : name;
  const to = given.filter((each) => typeof each !== 'string').flat()[0] ?? '';
  effects.push({ action, to: action === 'reject' ? '' : to, certain });
}

/** Looks at who sent it, alone or among other things. */
function isAboutSender({ name, arguments: given, tests }: SieveTest): boolean {
  if (tests.some(isAboutSender)) return true;
  if (name !== 'address' && name !== 'header' && name !== 'envelope') return false;
  return listsOf(given)[0]?.some((field) => senderFields.has(field.toLowerCase())) === true;
}

// RFC 5322 §3.6.2, and the return path of RFC 5228 §5.4.
const senderFields = new Set(['from', 'sender', 'reply-to']);

function truthOf(test: SieveTest, sender: string): Truth {
  const { name, tests } = test;
  const inner = tests.map((each) => truthOf(each, sender));
  switch (name) {
    case 'true':
      return 'yes';
    case 'false':
      return 'no';
    case 'not':
      return inner[0] === 'yes' ? 'no' : inner[0] === 'no' ? 'yes' : 'maybe';
    case 'allof':
      return inner.includes('no') ? 'no' : inner.every((each) => each === 'yes') ? 'yes' : 'maybe';
    case 'anyof':
      return inner.includes('yes') ? 'yes' : inner.every((each) => each === 'no') ? 'no' : 'maybe';
    default:
      return isAboutSender(test) ? matches(test, sender) : 'maybe';
  }
}

function matches({ arguments: given }: SieveTest, sender: string): Truth {
  const [, keys = []] = listsOf(given);
  const tags = new Set(given.filter((each) => typeof each === 'string'));
  const at = sender.lastIndexOf('@');
  const value = tags.has(':domain')
    ? sender.slice(at + 1)
    : tags.has(':localpart')
      ? sender.slice(0, at)
      : sender;
  const wanted = keys.map((key) => key.toLowerCase());
  if (tags.has(':contains')) return wanted.some((key) => value.includes(key)) ? 'yes' : 'no';
  if (tags.has(':matches')) return wanted.some((key) => globbed(value, key)) ? 'yes' : 'no';
  if (tags.has(':regex')) return 'maybe';
  return wanted.includes(value) ? 'yes' : 'no';
}

function listsOf(given: SieveTest['arguments']): readonly (readonly string[])[] {
  return given.filter((each) => typeof each !== 'string');
}

/** RFC 5228 §2.7.1: * any octets, ? one. Without a regular expression: a stranger's pattern must not cost more than its length. */
function globbed(text: string, pattern: string): boolean {
  let [at, star, mark] = [0, -1, 0];
  let p = 0;
  while (at < text.length) {
    if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[at]) && pattern[p] !== '*') {
      at += 1;
      p += 1;
    } else if (pattern[p] === '*') {
      star = p;
      mark = at;
      p += 1;
    } else if (star >= 0) {
      p = star + 1;
      mark += 1;
      at = mark;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}
