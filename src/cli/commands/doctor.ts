import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import { remedyOf, walk } from '../../deliverability/index.ts';
import type { Choice, Faults, Remedy, Step } from '../../deliverability/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { openDialogue } from '../dialogue.ts';
import type { Dialogue } from '../dialogue.ts';
import { isMeasurable, measure, measureOffers } from '../fault-measure.ts';
import type { Measuring } from '../fault-measure.ts';
import { partyNames } from '../state-names.ts';

/** `todoku doctor`: from what somebody says is wrong, by a few questions, to the likely cause and what to do. */
export const doctor: Command = {
  name: 'doctor',
  summary: {
    ja: 'メールが届かない・送れない原因を、質問に答えて見つける',
    en: 'find out by a few questions why mail does not arrive or cannot be sent',
  },
  examples: [
    {
      line: 'todoku doctor --lang ja',
      doc: { ja: '番号で答えます。0 で一つ戻ります', en: 'answer with numbers; 0 goes back' },
    },
  ],
  run: async (context) =>
    await context.withProduct(async (product) => {
      const dialogue = openDialogue(context);
      try {
        const session = { context, product, dialogue, faults: product.faults() };
        const answers = await lead(session);
        tellCause(session, answers, await choosePlace(session, answers));
        return 0;
      } finally {
        dialogue.close();
      }
    }),
};

type Session = Measuring & { readonly faults: Faults };

type Open = Extract<Step, { readonly kind: 'symptom' | 'question' }>;

const texts = {
  symptom: { ja: 'どんなことで困っていますか。', en: 'What is the trouble?' },
  back: { ja: '一つ前に戻る', en: 'back' },
  skip: { ja: 'どれでもない（そのまま進む）', en: 'none of these, go on' },
  place: { ja: 'どれを使っていますか。手順を足します。', en: 'Which one is it? It has steps of its own.' },
  answered: { ja: 'お答え', en: 'What you answered' },
  prove: { ja: '確かめるには', en: 'To prove it' },
} satisfies Record<string, Bilingual>;

/** Asks until the answers end at a cause; gives them. */
async function lead(session: Session): Promise<readonly string[]> {
  const { faults, context } = session;
  let answers: readonly string[] = [];
  for (;;) {
    const step = walk(faults, answers, context.language);
    if (step.kind === 'cause') return answers;
    // Only answers that were offered are taken.
    if (step.kind === 'astray') throw new Error(`the fault finder went astray at ${answers.join('/')}`);
    const given = await ask(session, step);
    answers = given === null ? answers.slice(0, -1) : [...answers, given];
  }
}

/** The id of an answer; null: one step back. */
async function ask(session: Session, step: Open): Promise<string | null> {
  const { dialogue, context } = session;
  const { say } = context;
  const isFirst = step.kind === 'symptom';
  const how = step.kind === 'question' ? step.measure : null;
  dialogue.say('');
  dialogue.say(isFirst ? say(texts.symptom) : step.ask);
  if (!isFirst && step.hint !== '') dialogue.say(step.hint, '   ');
  list(dialogue, step.choices);
  if (!isFirst) dialogue.say(say(texts.back), '  0) ');
  if (how !== null) dialogue.say(say(measureOffers[how.check]), '   ');
  for (;;) {
    const line = await readLine(session);
    if (line === '0' && !isFirst) return null;
    if (how !== null && isMeasurable(how, line)) {
      const answer = await measure(session, how, line);
      if (answer !== null) return answer;
      continue;
    }
    const found = chosen(step.choices, line);
    if (found !== null) return found;
    dialogue.say(rangeText(say, step.choices.length));
  }
}

function list(dialogue: Dialogue, choices: readonly Choice[]): void {
  choices.forEach(({ text }, index) => dialogue.say(text, `${String(index + 1).padStart(3)}) `));
}

function chosen(choices: readonly Choice[], line: string): string | null {
  return /^\d{1,2}$/.test(line) ? (choices[Number(line) - 1]?.id ?? null) : null;
}

function rangeText(say: CommandContext['say'], count: number): string {
  return say({
    ja: `1〜${count} の番号で答えてください。`,
    en: `Please answer with a number from 1 to ${count}.`,
  });
}

async function readLine({ dialogue }: Session): Promise<string> {
  const line = await dialogue.read();
  if (line !== null) return line;
  throw new AppError({
    code: 'doctor-unanswered',
    message: { ja: '答えの途中で入力が終わりました', en: 'the input ended before all was answered' },
    hint: {
      ja: '端末で実行し、番号で答えてください',
      en: 'run it in a terminal and answer with numbers',
    },
  });
}

/** The provider or mail program whose steps are added; null: none. */
async function choosePlace(session: Session, answers: readonly string[]): Promise<string | null> {
  const { dialogue, context } = session;
  const remedy = remedyAt(session, answers, null);
  if (remedy.places.length === 0) return null;
  dialogue.say('');
  dialogue.say(context.say(texts.place));
  list(dialogue, remedy.places);
  dialogue.say(context.say(texts.skip), '  0) ');
  for (;;) {
    const line = await readLine(session);
    if (line === '0' || line === '') return null;
    const found = chosen(remedy.places, line);
    if (found !== null) return found;
    dialogue.say(rangeText(context.say, remedy.places.length));
  }
}

function remedyAt({ faults, context }: Session, answers: readonly string[], place: string | null): Remedy {
  const step = walk(faults, answers, context.language);
  const remedy =
    step.kind === 'cause' ? remedyOf(faults, step.id, { language: context.language, place }) : null;
  if (remedy === null) throw new Error(`no cause at ${answers.join('/')}`);
  return remedy;
}

function tellCause(session: Session, answers: readonly string[], place: string | null): void {
  const { context, dialogue, faults } = session;
  const { say, language } = context;
  const remedy = remedyAt(session, answers, place);
  const { trail } = { trail: [], ...walk(faults, answers, language) };
  if (context.json) {
    const { cause, party, check } = remedy;
    const advice = {
      ja: remedyOf(faults, cause, { language: 'ja', place }),
      en: remedyOf(faults, cause, { language: 'en', place }),
    };
    context.output.printJson({
      answers,
      cause,
      party,
      certainty: 'likely',
      place,
      check,
      advice: { ja: wordsOf(advice.ja), en: wordsOf(advice.en) },
    });
    return;
  }
  dialogue.say('');
  dialogue.say(`— ${say(texts.answered)} —`);
  for (const { question, answer } of trail) dialogue.say(`${question} ${answer}`, '  ');
  dialogue.say('');
  dialogue.say(remedy.title, '■ ');
  dialogue.say(remedy.meaning, '  ');
  remedy.steps.forEach((step, index) => dialogue.say(step, `  ${index + 1}. `));
  if (remedy.place !== null) {
    dialogue.say(`${remedy.place.name}:`, '  ');
    for (const step of remedy.place.steps) dialogue.say(step, '   - ');
  }
  const who = partyNames[remedy.party];
  if (who !== undefined) dialogue.say(`${say({ ja: '対応する人', en: 'whose turn' })}: ${say(who)}`, '  ');
  if (remedy.check !== null) dialogue.say(`${say(texts.prove)}: todoku ${remedy.check}`, '  ');
}

function wordsOf(remedy: Remedy | null): Pick<Remedy, 'title' | 'meaning' | 'steps'> | null {
  if (remedy === null) return null;
  const { title, meaning, steps, place } = remedy;
  return { title, meaning, steps: [...steps, ...(place?.steps ?? [])] };
}
