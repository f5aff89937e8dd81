import { addressesIn, isMailSystem, type FoundAddress } from './address-text.ts';
import {
  aliasesIn,
  aliasOf,
  isAliasName,
  isUnaddressed,
  unprefixed,
  type NamedAlias,
} from './alias-words.ts';
import { speaksOfDelay, speaksOfFailure, speaksOfSuccess } from './failure-words.ts';

/** A recipient that a report in words names, and the words about it. */
export type NamedFailure = {
  readonly recipient: string;
  /** The address that was written to, where the report names both it and the one that it stands for. */
  readonly alias: string | null;
  /** Does the line that introduces the address speak of a delay alone? */
  readonly delayed: boolean;
  /** Is the failure said of this very address? */
  readonly certain: boolean;
  /** The words beside the address; may be empty. */
  readonly words: string;
};

/** What is known beforehand: it tells the recipient from whoever sent or reports. */
export type Acquaintance = {
  /** To and From of the mail that came back, lower case. */
  readonly originalRecipients: ReadonlySet<string>;
  /** Who got the report, who wrote it, lower case. */
  readonly others: ReadonlySet<string>;
};

/** How an address stands in its line. */
type Manner = 'heading' | 'label' | 'alone' | 'command' | 'reply' | 'leading' | 'inline';

type Candidate = {
  readonly address: string;
  readonly line: number;
  readonly manner: Manner;
  readonly score: number;
  /** It is known to be the sender's or the reporter's. */
  readonly other: boolean;
};

// Longer reports than this carry a transcript or a whole mail; what matters stands before.
const mostLines = 1_500;
const mostCandidates = 400;
/** Below this an address is a guess. */
const leastScore = 3;
/** From this on the failure is said in the address's own sentence, or in the one that introduces it. */
const certainScore = 4;
/** So many lines an introduction ("The following addresses …") reaches. */
const reachOfIntroduction = 12;
/** So many lines behind an address may pass until its sentence says what became of it. */
const linesOfSentence = 2;

/** Finds the failed recipients in a report written for people, in whatever words. */
export function findNamedFailures(words: string, known: Acquaintance): readonly NamedFailure[] {
  const lines = words.split('\n', mostLines);
  const failing = memoisedFailure(lines);
  const candidates: Candidate[] = [];
  for (const [index, line] of lines.entries()) {
    if (!line.includes('@')) continue;
    for (const found of addressesIn(line)) {
      if (candidates.length >= mostCandidates) break;
      const candidate = judged({ lines, index, failing }, found, known);
      if (candidate !== null) candidates.push(candidate);
    }
  }
  const aliases = aliasesIn(lines);
  for (const alias of aliases) {
    if (isUnaddressed(alias, lines)) candidates.push(programOf(alias));
  }
  const failed = chosen(candidates);
  const titles = new Set(failed.map(({ line }) => line));
  return failed.map(({ address, line, score }) => {
    const alias =
      aliasOf(line, aliases, (other) => titles.has(other)) ?? unprefixed(address, known.originalRecipients);
    return {
      recipient: address,
      alias: alias?.toLowerCase() === address.toLowerCase() ? null : alias,
      delayed: introducedAsDelayed(lines, line),
      certain: score >= certainScore,
      words: wordsAbout(lines, line, linesOfOthers(address, candidates, failed)),
    };
  });
}

/** A pipe or a file failed: the only address is the one that led there. */
function programOf({ alias, line }: NamedAlias): Candidate {
  return { address: alias, line, manner: 'alone', score: 5, other: false };
}

/** The one address that a text names and that is nobody else's: it can only be the recipient's. */
export function onlyStranger(words: string, known: Acquaintance): string | null {
  const strangers = new Map<string, string>();
  for (const line of words.split('\n', mostLines)) {
    if (!line.includes('@') || strangers.size > 1) continue;
    for (const { address, start } of addressesIn(line)) {
      const key = address.toLowerCase();
      if (known.others.has(key) || isMailSystem(address) || otherRole.test(line.slice(0, start))) continue;
      strangers.set(key, address);
    }
  }
  const [first] = strangers.values();
  return strangers.size === 1 ? (first ?? null) : null;
}

/** The heading of a section, as sendmail's "----- … transient non-fatal errors -----", or a sentence that ends in a colon. */
function introducedAsDelayed(lines: readonly string[], at: number): boolean {
  for (let line = at - 1; line >= 0 && line >= at - reachOfIntroduction; line -= 1) {
    const text = (lines[line] ?? '').trim();
    if (/^-{3,}.*-{3,}$|:$/.test(text) && !text.includes('@')) return speaksOfDelay('', text);
  }
  return false;
}

/** Where the words about another recipient begin. */
function linesOfOthers(
  address: string,
  candidates: readonly Candidate[],
  failed: readonly Candidate[],
): ReadonlySet<number> {
  const others = candidates.filter((each) => each.address.toLowerCase() !== address.toLowerCase());
  return new Set(
    others.filter((each) => isTitle(each.manner) || failed.includes(each)).map(({ line }) => line),
  );
}

function isTitle(manner: Manner): boolean {
  return manner === 'heading' || manner === 'alone' || manner === 'label';
}

const nearChars = 200;

type Scene = {
  readonly lines: readonly string[];
  readonly index: number;
  readonly failing: (line: number) => boolean;
};

function memoisedFailure(lines: readonly string[]): (line: number) => boolean {
  const known = new Map<number, boolean>();
  return (line) => {
    const before = known.get(line);
    if (before !== undefined) return before;
    // A sentence is often broken over two lines.
    const answer = speaksOfFailure(`${lines[line] ?? ''} ${lines[line + 1]?.trim() ?? ''}`.slice(0, 600));
    known.set(line, answer);
    return answer;
  };
}

/** Words before an address that say it is somebody else's. */
const otherRole =
  /(?:\b(?:message|mail) ?<|mail from:?|\bfrom:?|\bsender:?|envelope-from|return-path:?|reply-to:?|\bvon:|\bde:|差出人[:：]?|发件人[:：]?|message-?id:?|\bid:?|\b(?:contact|call|ask|questions?|support|hotline|helpdesk|help|hilfe|hilfe \/ aide|fragen|rückfragen(?: an)?|consultas?|ayuda|assistenza|aide|客服|お問い合わせは)(?: (?:us )?at| to)?[:：]?|\b(?:send|drop) (?:an? )?(?:e-?mail|mail|note|line|enquiry) to|\breply to|\b(?:send (?:an? )?(?:e-?)?mail|report this|complaints?|inquiries) to|\badministrator|e-?mail us at|write to|visit|references?:|subject:|by|forward this (?:message|mail|email) to|help,?|assistance,?|問い合わせ先?[:：]?|envoyé par|отправитель:?) ?[:：]?[\s"'(<[]*$/i;

// A directory's help: "Similar names: …", "Did you mean …?"
const suggestion = /\bsimilar\b|did you mean|\bperhaps\b|new (?:e-?mail )?address|\binstead\b/i;

const commandBefore = /rcpt to:?\s*<?$/i;
const refusalBefore = /^\s*[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3} )?<?$/;
const labelBefore =
  /(?:recipients?|rcpt|address(?:ees?|es)?|e-?mail|to|for|user|mailbox|account|destinat\w*|empfänger\w*|adress\w*|adressat\w*|получател\w*|адрес\w*|кому|an|para|pour|indirizzo|odbiorc\w*|宛先|あて先|受信者|送信先|アドレス|收件人|收件者|收信人|받는 ?사람|수신자)(?:\s*(?:e-?mail\s*)?(?:address(?:es)?)?)?\s*(?:\([^)]{0,20}\)\s*)?(?:[:：=]|is:?|was:?)\s*[<"'[(（「]*$/iu;

function judged(scene: Scene, found: FoundAddress, known: Acquaintance): Candidate | null {
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
const accepted = /^[ \t]*(?:[\d: -]{0,30} )?[<>-]{0,4} ?2\d\d[ -]/;

/** Does the line of an address, or the nearest line that introduces it, say that the mail arrived there? */
function arrived({ lines, index }: Scene): boolean {
  if (/rcpt to:/i.test(lines[index] ?? '') && accepted.test(lines[index + 1] ?? '')) return true;
  if (speaksOfSuccess((lines[index] ?? '').slice(0, 600))) return true;
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

/** The addresses that stand as the best one does: a list names all its recipients in one manner. */
function chosen(candidates: readonly Candidate[]): readonly Candidate[] {
  const best = candidates.reduce<Candidate | null>(
    (top, each) => (top === null || each.score > top.score ? each : top),
    null,
  );
  if (best === null || best.score < leastScore) return [];
  const seen = new Set<string>();
  return candidates.filter((each) => {
    const key = each.address.toLowerCase();
    // A table names the sender beside the recipient.
    if (each.other && !best.other) return false;
    // In running text others are named too; a list stands all in one manner, with more or less said of each.
    const least = each.manner === 'inline' ? best.score : Math.max(leastScore, best.score - 2);
    const fits = each.manner === best.manner && each.score >= least;
    if (!fits || seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

const mostWordsLines = 40;

/** The line of the address and what follows, up to the next recipient or, once something was said, an empty line. */
function wordsAbout(lines: readonly string[], at: number, titles: ReadonlySet<number>): string {
  const taken: string[] = [];
  let spoken = false;
  for (let index = at; index < lines.length && index < at + mostWordsLines; index += 1) {
    const line = (lines[index] ?? '').trim();
    if (index > at && titles.has(index)) break;
    if (line === '') {
      if (spoken) break;
      continue;
    }
    if (/^-{3,}|^={3,}/.test(line) && taken.length > 1) break;
    if (beginsAnotherReply(taken[0] ?? '', line)) break;
    taken.push(line);
    if (saysSomething(index === at ? line.replace(/^.*@\S*/, '') : line)) spoken = true;
  }
  return spoken ? taken.join('\n') : '';
}

/** In a transcript each line that begins with a code is a reply by itself, unless a hyphen continues it (RFC 5321 §4.2.1). */
function beginsAnotherReply(first: string, line: string): boolean {
  return /^[45]\d\d /.test(first) && /^(?:[45]\d\d |>>>|<<<|\.\.\. while talking|while talking)/i.test(line);
}

function saysSomething(line: string): boolean {
  return (
    line.replaceAll(/[\s\W\d]/gu, '').length >= 4 || /[\u3040-\u9fff\uac00-\ud7af\u0400-\u04ff]{3}/.test(line)
  );
}
