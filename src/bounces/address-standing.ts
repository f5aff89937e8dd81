import { isMailSystem, type FoundAddress } from './address-text.ts';
import { isAliasName } from './alias-words.ts';
import { speaksOfSuccess } from './failure-words.ts';

/** What is known beforehand: it tells the recipient from whoever sent or reports. */
export type Acquaintance = {
  /** To and From of the mail that came back, lower case. */
  readonly originalRecipients: ReadonlySet<string>;
  /** Who got the report, who wrote it, lower case. */
  readonly others: ReadonlySet<string>;
};

/** How an address stands in its line. */
export type Manner = 'heading' | 'label' | 'alone' | 'command' | 'reply' | 'leading' | 'inline';

/** An address, and how surely a failure is said of it. */
export type Candidate = {
  readonly address: string;
  readonly line: number;
  readonly manner: Manner;
  readonly score: number;
  /** It is known to be the sender's or the reporter's. */
  readonly other: boolean;
};

/** So many lines an introduction ("The following addresses …") reaches. */
export const reachOfIntroduction = 12;
/** So many lines behind an address may pass until its sentence says what became of it. */
const linesOfSentence = 2;

/** What stands farther off says nothing of an address. */
export const nearChars = 200;

/** A line of a report among the others. */
export type Scene = {
  readonly lines: readonly string[];
  readonly index: number;
  readonly failing: (line: number) => boolean;
};

/** Words before an address that say it is somebody else's. */
const otherRole =
  /(?:\b(?:message|mail) ?<|mail from:?|\bfrom:?|\bsender:?|envelope-from|return-path:?|reply-to:?|\bvon:|\bde:|差出人[:：]?|发件人[:：]?|message-?id:?|\bid:?|\b(?:contact|call|ask|questions?|support|hotline|helpdesk|help|hilfe|hilfe \/ aide|fragen|rückfragen(?: an)?|consultas?|ayuda|assistenza|aide|客服|お問い合わせは)(?: (?:us )?at| to)?[:：]?|\b(?:send|drop) (?:an? )?(?:e-?mail|mail|note|line|enquiry) to|\breply to|\b(?:send (?:an? )?(?:e-?)?mail|report this|complaints?|inquiries) to|\badministrator|e-?mail us at|write to|visit|references?:|subject:|by|forward this (?:message|mail|email) to|help,?|assistance,?|問い合わせ先?[:：]?|envoyé par|отправитель:?) ?[:：]?[\s"'(<[]*$/i;

/** Do the words before an address say that it is the sender's, or of whoever helps? */
export function isSomebodyElses(before: string): boolean {
  return otherRole.test(before);
}

// A directory's help: "Similar names: …", "Did you mean …?"
const suggestion = /\bsimilar\b|did you mean|\bperhaps\b|new (?:e-?mail )?address|\binstead\b/i;

const commandBefore = /rcpt to:?\s*<?$/i;
const refusalBefore = /^\s*[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3} )?<?$/;
const labelBefore =
  /(?:recipients?|rcpt|address(?:ees?|es)?|e-?mail|to|for|user|mailbox|account|destinat\w*|empfänger\w*|adress\w*|adressat\w*|получател\w*|адрес\w*|кому|an|para|pour|indirizzo|odbiorc\w*|宛先|あて先|受信者|送信先|アドレス|收件人|收件者|收信人|받는 ?사람|수신자)(?:\s*(?:e-?mail\s*)?(?:address(?:es)?)?)?\s*(?:\([^)]{0,20}\)\s*)?(?:[:：=]|is:?|was:?)\s*[<"'[(（「]*$/iu;

/** How an address stands; null when it is surely not the failed recipient's. */
export function judged(scene: Scene, found: FoundAddress, known: Acquaintance): Candidate | null {
  const line = scene.lines[scene.index] ?? '';
  // What stands far off says nothing of the address; a mark keeps a cut beginning from looking like the line's.
  const before =
    found.start > nearChars
      ? `… ${line.slice(found.start - nearChars, found.start)}`
      : line.slice(0, found.start);
  const after = line.slice(found.end, found.end + nearChars);
  const key = found.address.toLowerCase();
  const expected = known.originalRecipients.has(key);
  if (isAliasName(before) || (otherRole.test(before) && !expected)) return null;
  // "For help write to" may stand at the end of the line above.
  const above = (scene.lines[scene.index - 1] ?? '').slice(-nearChars);
  if (before.trim() === '' && !expected && otherRole.test(above)) return null;
  if (arrived(scene) || (!expected && suggestion.test(before))) return null;
  const manner = mannerOf(before, after);
  let score = scoreOf(manner, scene, line);
  if (expected) score += 2;
  // Who wrote to themselves is named as plainly as anybody else; in passing it is the sender who is meant.
  else if (known.others.has(key)) score -= manner === 'heading' || manner === 'alone' ? 2 : 4;
  if (isMailSystem(found.address) && !expected) score -= 3;
  return {
    address: found.address,
    line: scene.index,
    manner,
    score,
    other: !expected && known.others.has(key),
  };
}

function mannerOf(before: string, after: string): Manner {
  if (commandBefore.test(before)) return 'command';
  if (refusalBefore.test(before)) return 'reply';
  if (
    /^[\s<"'([*•・·>|-]*(?:mailto:|smtp:|rfc822;\s?)?$/i.test(before) ||
    /^\s*(?:\d{1,3}[.)]|\[\d+\])\s*<?$/.test(before)
  ) {
    if (/^[>"')\].,;|]*\s*(?:\([^)]{0,120}\)\s*)?$/.test(after)) return 'alone';
    if (/^[>"')\]]*\s*(?:\([^)]{0,80}\)\s*)?(?:[:：]|\.\.\.|;)/.test(after)) return 'heading';
    return labelBefore.test(before) ? 'label' : 'leading';
  }
  return labelBefore.test(before) || (/^[^@:]{1,60}<$/.test(before) && /^>\s*$/.test(after))
    ? 'label'
    : 'inline';
}

function scoreOf(manner: Manner, { lines, index, failing }: Scene, line: string): number {
  const introduced = isIntroduced(index, lines, failing);
  const replied = /(?<![\d.])[45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}/.test(
    `${line} ${lines[index + 1] ?? ''}`.slice(0, 2_000),
  );
  switch (manner) {
    case 'heading':
      return introduced || replied ? 6 : 4;
    case 'alone':
      return introduced ? 5 : isFollowed(index, lines, failing) ? 4 : 2;
    case 'label':
      return introduced ? 5 : 3;
    case 'command':
    case 'reply':
      return 4;
    case 'leading':
      return failing(index) || replied ? 4 : introduced ? 3 : 1;
    case 'inline':
      return failing(index) ? 4 : failing(index - 1) || replied ? 3 : introduced ? 1 : 0;
  }
}

/** A transcript's answer to the command above. */
const accepted = /(?:^|<-{0,2}|<<<)[ \t]*2\d\d[ -]/;

/** Does the line of an address, or the nearest line that introduces it, say that the mail arrived there? */
function arrived({ lines, index }: Scene): boolean {
  if (
    /rcpt to:/i.test((lines[index] ?? '').slice(0, nearChars)) &&
    accepted.test((lines[index + 1] ?? '').slice(0, nearChars))
  )
    return true;
  if (speaksOfSuccess((lines[index] ?? '').slice(0, 600))) return true;
  return isAmongArrived(lines, index);
}

/** Does the nearest line that introduces a list say that the mail arrived there? */
export function isAmongArrived(lines: readonly string[], index: number): boolean {
  for (let back = index - 1; back >= 0 && back >= index - reachOfIntroduction; back -= 1) {
    const line = (lines[back] ?? '').trim().slice(0, 600);
    if (/[:：]$|^-{3,}.*-{3,}$/.test(line) && !line.includes('@')) return speaksOfSuccess(line);
  }
  return false;
}

/** Some languages and programs name the address first: "Your mail to … / was not delivered". */
function isFollowed(index: number, lines: readonly string[], failing: (line: number) => boolean): boolean {
  let seen = 0;
  for (let line = index + 1; line < lines.length && seen < linesOfSentence; line += 1) {
    if ((lines[line] ?? '').trim() === '') continue;
    if (failing(line)) return true;
    seen += 1;
  }
  return false;
}

function isIntroduced(index: number, lines: readonly string[], failing: (line: number) => boolean): boolean {
  for (let back = index; back >= 0 && back >= index - reachOfIntroduction; back -= 1) {
    if ((lines[back] ?? '').trim() !== '' && failing(back)) return true;
  }
  return false;
}
