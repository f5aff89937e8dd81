import {
  isAmongArrived,
  isSomebodyElses,
  judged,
  nearChars,
  reachOfIntroduction,
  type Acquaintance,
  type Candidate,
  type Manner,
} from './address-standing.ts';
import { addressesIn, isMailSystem } from './address-text.ts';
import { aliasesIn, aliasOf, isUnaddressed, unprefixed, type NamedAlias } from './alias-words.ts';
import { speaksOfDelay, speaksOfFailure } from './failure-words.ts';

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

// Longer reports than this carry a transcript or a whole mail; what matters stands before.
const mostLines = 1_500;
const mostCandidates = 400;
/** Below this an address is a guess. */
const leastScore = 3;
/** From this on the failure is said in the address's own sentence, or in the one that introduces it. */
const certainScore = 4;
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
      aliasOf(line, aliases, (other) => titles.has(other)) ??
      aliasElsewhere(address, candidates, aliases) ??
      unprefixed(address, known.originalRecipients);
    return {
      recipient: address,
      alias: alias?.toLowerCase() === address.toLowerCase() ? null : alias,
      delayed: introducedAsDelayed(lines, line),
      certain: score >= certainScore,
      words: wordsAbout(lines, line, linesOfOthers(address, candidates, failed)),
    };
  });
}

/** The alias beside another mention of the address: Exim names it below the heading, the refusal is said of the command. */
function aliasElsewhere(
  address: string,
  candidates: readonly Candidate[],
  aliases: readonly NamedAlias[],
): string | null {
  if (aliases.length === 0) return null;
  const key = address.toLowerCase();
  const others = new Set(
    candidates.filter((each) => each.address.toLowerCase() !== key).map((each) => each.line),
  );
  for (const each of candidates) {
    if (each.address.toLowerCase() !== key) continue;
    const alias = aliasOf(each.line, aliases, (line) => others.has(line));
    if (alias !== null) return alias;
  }
  return null;
}

/** The addresses of a list that is headed by good news, as sendmail's "successful delivery notifications". */
export function findArrivals(words: string): readonly string[] {
  const lines = words.split('\n', mostLines);
  const found = new Set<string>();
  for (const [index, line] of lines.entries()) {
    if (!/^\s*<?[^\s@<>]{1,128}@/.test(line) || !isAmongArrived(lines, index)) continue;
    const address = addressesIn(line.slice(0, 600))[0]?.address;
    if (address !== undefined && found.size < mostCandidates) found.add(address);
  }
  return [...found];
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
      if (
        known.others.has(key) ||
        isMailSystem(address) ||
        isSomebodyElses(line.slice(Math.max(0, start - nearChars), start))
      )
        continue;
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

/** The addresses that stand as the best one does: a list names all its recipients in one manner. */
function chosen(all: readonly Candidate[]): readonly Candidate[] {
  const dotted = all.some((each) => each.score >= leastScore && !each.other && hasPublicDomain(each.address));
  const candidates = dotted ? all.filter((each) => hasPublicDomain(each.address)) : all;
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

/**
 * A domain that the DNS can have (RFC 5321 §2.3.5), or an address literal. `W32/Netsky@mm` is the name of a virus and
 * `ann@ims-ms-daemon` that of a channel: where another address is named as well, that one was written to.
 */
function hasPublicDomain(address: string): boolean {
  return /[.[]/.test(address.slice(address.lastIndexOf('@')));
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
