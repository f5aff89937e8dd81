import type { Language } from '../../base/index.ts';
import type { AnswerText, Measure } from './fault-schema.ts';
import type { Faults } from './faults.ts';

/** What was answered so far, in words. */
export type Answered = { readonly question: string; readonly answer: string };

/** One thing to choose: its id for machines, its text for people. */
export type Choice = { readonly id: string; readonly text: string };

export type Step =
  | { readonly kind: 'symptom'; readonly choices: readonly Choice[]; readonly trail: readonly Answered[] }
  | {
      readonly kind: 'question';
      readonly id: string;
      readonly ask: string;
      readonly hint: string;
      readonly choices: readonly Choice[];
      /** A check that can answer it; null: only the person can. */
      readonly measure: Measure | null;
      readonly trail: readonly Answered[];
    }
  | { readonly kind: 'cause'; readonly id: string; readonly trail: readonly Answered[] }
  /** The answers lead nowhere: an old link, or one that was made up. */
  | { readonly kind: 'astray' };

const firstQuestion = { ja: 'どんなことで困っていますか。', en: 'What is the trouble?' };

/**
 * Where answers lead: the symptom first, then one answer to each question. The same for the terminal and for pages, whose links
 * carry the answers, so that nothing is kept between two steps.
 */
export function walk(faults: Faults, answers: readonly string[], language: Language): Step {
  const [first, ...rest] = answers;
  const choices = faults.symptoms.map((each) => ({ id: each.id, text: each[language] }));
  if (first === undefined) return { kind: 'symptom', choices, trail: [] };
  const symptom = faults.symptoms.find(({ id }) => id === first);
  if (symptom === undefined) return { kind: 'astray' };
  const trail: Answered[] = [{ question: firstQuestion[language], answer: symptom[language] }];
  let at = symptom.first;
  const passed = new Set<string>();
  for (const given of rest) {
    const question = faults.questions.get(at);
    const answer = question?.answers.find(({ id }) => id === given);
    if (question === undefined || answer === undefined) return { kind: 'astray' };
    passed.add(at);
    trail.push({ question: question[language].ask, answer: answer[language] });
    const next = after(faults, answer, passed);
    if (next.cause !== null) {
      // Nothing can be asked of a cause.
      return trail.length === answers.length ? { kind: 'cause', id: next.cause, trail } : { kind: 'astray' };
    }
    at = next.question;
  }
  return questionStep(faults, at, { language, trail });
}

type Next = { readonly cause: string } | { readonly cause: null; readonly question: string };

/** A question that was answered already is not asked again: its ways were all tried, so only narrowing down is left. */
function after(faults: Faults, answer: AnswerText, passed: ReadonlySet<string>): Next {
  if (answer.cause !== undefined) return { cause: answer.cause };
  const { next } = answer;
  if (next === undefined || passed.has(next) || !faults.questions.has(next)) return { cause: lastResort };
  return { cause: null, question: next };
}

/** The cause that stands for "not known yet". */
export const lastResort = 'isolate-side';

function questionStep(
  faults: Faults,
  id: string,
  { language, trail }: { readonly language: Language; readonly trail: readonly Answered[] },
): Step {
  const question = faults.questions.get(id);
  if (question === undefined) return { kind: 'astray' };
  const { ask, hint } = question[language];
  const choices = question.answers.map((each) => ({ id: each.id, text: each[language] }));
  return { kind: 'question', id, ask, hint, choices, measure: question.measure ?? null, trail };
}

/** The answer that findings of a check give; null: they do not say. */
export function measured(measure: Measure, findings: readonly { readonly id: string }[]): string | null {
  const found = new Set(findings.map(({ id }) => id));
  return measure.answers.find(({ finding }) => found.has(finding))?.answer ?? measure.otherwise;
}
