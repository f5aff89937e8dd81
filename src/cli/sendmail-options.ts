/** What the words behind `sendmail` ask for, as Sendmail, Postfix and Exim read them. */
export type SendmailOptions = {
  /** `deliver`: a mail on standard input; `smtp`: commands of SMTP; `nothing`: what has no meaning here (`-bi`). */
  readonly mode: 'deliver' | 'smtp' | 'nothing';
  readonly recipients: readonly string[];
  /** `-t`: also those in To, Cc and Bcc. */
  readonly fromHeader: boolean;
  /** `-i`, `-oi`: a line of a single dot does not end the mail. */
  readonly ignoreDots: boolean;
  /** `-f`, `-r`; null: not said. */
  readonly sender: string | null;
  /** `-F` */
  readonly fullName: string | null;
  /** `-N`, `-R`, `-V` (RFC 3461), as they are sent; null: not said. */
  readonly notify: string | null;
  readonly returns: 'FULL' | 'HDRS' | null;
  readonly envelopeId: string | null;
};

export type SendmailReading =
  | { readonly ok: true; readonly options: SendmailOptions }
  | { readonly ok: false; readonly word: string };

// Options that take a value, in the same word or the next; those that mean something here by name, the others are skipped.
const withValue = new Set(['f', 'r', 'F', 'N', 'R', 'V', 'B', 'C', 'D', 'h', 'L', 'O', 'p', 'q', 'X', 'd']);
// Of these Sendmail takes a value only within the same word.
const valueInWord = new Set(['q', 'd', 'o', 'b']);
const alone = new Set(['t', 'i', 'm', 'n', 'v', 'U', 'G', 'A', 's']);

type Draft = { -readonly [Name in keyof SendmailOptions]: SendmailOptions[Name] };

/** Reads the words; programs give these options by habit, so what has no meaning here is passed over. */
export function readSendmailOptions(words: readonly string[]): SendmailReading {
  const recipients: string[] = [];
  const draft: Draft = {
    mode: 'deliver',
    recipients,
    fromHeader: false,
    ignoreDots: false,
    sender: null,
    fullName: null,
    notify: null,
    returns: null,
    envelopeId: null,
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--') {
      recipients.push(...words.slice(at + 1));
      break;
    }
    if (!word.startsWith('-') || word === '-') {
      recipients.push(word);
      continue;
    }
    const letter = word.charAt(1);
    const takesNext = withValue.has(letter) && !valueInWord.has(letter) && word.length === 2;
    if (takesNext) at += 1;
    const value = takesNext ? words[at] : word.slice(2);
    if (value === undefined || !apply(draft, letter, value)) return { ok: false, word };
  }
  return { ok: true, options: draft };
}

/** false: it is no option of sendmail's. */
function apply(draft: Draft, letter: string, value: string): boolean {
  switch (letter) {
    case 'f':
    case 'r':
      // `-f <>` and `-f ''`: the null reverse-path.
      draft.sender = value.replace(/^<(.*)>$/, '$1');
      return true;
    case 'F':
      draft.fullName = value;
      return true;
    case 'N':
      draft.notify = value.toUpperCase();
      return /^(?:NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*)$/.test(draft.notify);
    case 'R':
      draft.returns = value.toLowerCase() === 'full' ? 'FULL' : 'HDRS';
      return /^(?:full|hdrs)$/i.test(value);
    case 'V':
      draft.envelopeId = value;
      return true;
    case 'b':
      return applyMode(draft, value);
    case 'o':
      if (value === 'i') draft.ignoreDots = true;
      return true;
    default:
      return withValue.has(letter) || applyLetters(draft, `${letter}${value}`);
  }
}

/** `-t`, `-i`, and several of them in a word: `-ti`. */
function applyLetters(draft: Draft, letters: string): boolean {
  for (const letter of letters) {
    if (!alone.has(letter)) return false;
    if (letter === 't') draft.fromHeader = true;
    if (letter === 'i') draft.ignoreDots = true;
  }
  return true;
}

function applyMode(draft: Draft, value: string): boolean {
  if (value === 's') draft.mode = 'smtp';
  else if (value === 'i') draft.mode = 'nothing';
  else return value === 'm' || value === '';
  return true;
}
