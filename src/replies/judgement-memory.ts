import type { Judgement, Question } from './judge.ts';

/** What was judged lately. */
export type JudgementMemory = {
  find(question: Question): Judgement | null;
  /** Remembers the answer to the question that was not found last. */
  keep(question: Question, judgement: Judgement): void;
};

// A power of two; at 300 characters a line this is about 1 MB.
const places = 4_096;

type Entry = { readonly hash: number; readonly question: Question; readonly judgement: Judgement };

/**
 * One place for each hash, the newer answer in it: for sentences that are never heard again, a Map that grows and is emptied
 * cost more than half of judging them. A judgement depends on the line, status, stage, provider and code, and on nothing
 * else; all of them are compared.
 */
export function createJudgementMemory(): JudgementMemory {
  const entries: (Entry | null)[] = Array.from({ length: places }, () => null);
  // Of the question that was asked last; `keep` is called for no other.
  let hash = 0;
  return {
    find(question) {
      hash = hashOf(question.subject.text);
      const entry = entries[placeOf(hash)] ?? null;
      if (entry === null || entry.hash !== hash) return null;
      return isSame(entry.question, question) ? entry.judgement : null;
    },
    keep(question, judgement) {
      entries[placeOf(hash)] = { hash, question, judgement };
    },
  };
}

function isSame(one: Question, other: Question): boolean {
  return (
    one.subject.code === other.subject.code &&
    one.subject.stage === other.subject.stage &&
    one.status === other.status &&
    one.provider === other.provider &&
    one.subject.text === other.subject.text
  );
}

/** FNV-1a (draft-eastlake-fnv) of the text. */
function hashOf(text: string): number {
  let hash = 0x81_1c_9d_c5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01_00_01_93);
  }
  return hash;
}

function placeOf(hash: number): number {
  return (hash ^ (hash >>> 15)) & (places - 1);
}
