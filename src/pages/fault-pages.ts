import type { Bilingual, Language } from '../base/index.ts';
import { remedyOf, walk } from '../deliverability/index.ts';
import type { Answered, Faults, Remedy, Step } from '../deliverability/index.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { choiceList, steps } from './page.ts';
import type { Page } from './page.ts';

/** Where a visitor of the fault finder stands: all of it is in the address of the page. */
export type FaultPlace = {
  readonly answers: readonly string[];
  /** Provider or mail program; null: none was chosen. */
  readonly place: string | null;
  readonly language: Language;
};

// Ids are at most 40 characters, and no way is longer than this.
const mostAnswers = 20;

const texts = {
  title: { ja: 'メールの困りごと診断', en: 'Mail trouble finder' },
  symptom: { ja: 'どんなことで困っていますか。', en: 'What is the trouble?' },
  intro: {
    ja: 'いくつかの質問に答えると、考えられる原因と手順が分かります。ログインは要りません。お答えは保存しません。',
    en: 'A few questions lead to the likely cause and what to do. No sign-in, and your answers are not kept.',
  },
  back: { ja: '一つ前に戻る', en: 'Back' },
  again: { ja: '最初からやり直す', en: 'Start again' },
  todo: { ja: 'やってみること', en: 'What to do' },
  which: { ja: 'お使いのものを選ぶと、手順を足します', en: 'Choose yours for its own steps' },
  answered: { ja: 'お答え', en: 'What you answered' },
  likely: {
    ja: '考えられる原因です。違うときは一つ前に戻ってください。',
    en: 'This is the likely cause. If it is not, go back.',
  },
  astray: { ja: 'このページは見つかりません', en: 'There is no such page' },
  astrayText: {
    ja: 'リンクが途中で切れているか、古くなっています。',
    en: 'The link was cut off, or is too old.',
  },
} satisfies Record<string, Bilingual>;

export function faultPage(faults: Faults, given: FaultPlace): Page {
  const { language } = given;
  const answers = given.answers.slice(0, mostAnswers);
  const step = walk(faults, answers, language);
  const at: FaultPlace = { ...given, answers };
  if (step.kind === 'astray') return astrayPage(language);
  const shown = step.kind === 'cause' ? causeBody(faults, step, at) : questionBody(step, at);
  return {
    status: 200,
    otherLanguage: linkTo({ ...at, language: language === 'ja' ? 'en' : 'ja' }),
    ...shown,
  };
}

/** `/help/missing/nowhere?lang=ja` */
export function linkTo({ answers, place, language }: FaultPlace): string {
  const path = ['/help', ...answers.map(encodeURIComponent)].join('/');
  return `${path}?lang=${language}${place === null ? '' : `&place=${encodeURIComponent(place)}`}`;
}

type Shown = Pick<Page, 'title' | 'body'>;

function questionBody(step: Extract<Step, { kind: 'symptom' | 'question' }>, at: FaultPlace): Shown {
  const { language, answers } = at;
  const choices = step.choices.map(({ id, text }) => ({
    href: linkTo({ language, place: null, answers: [...answers, id] }),
    text,
  }));
  if (step.kind === 'symptom') {
    const body = html`<p>${texts.intro[language]}</p>
      <h2>${texts.symptom[language]}</h2>
      ${choiceList(choices)}`;
    return { title: texts.title[language], body };
  }
  const hint = step.hint === '' ? null : html`<p class="hint">${step.hint}</p>`;
  const body = html`${hint} ${choiceList(choices)} ${backLinks(at)} ${trailList(step.trail, language)}`;
  return { title: step.ask, body };
}

function causeBody(faults: Faults, step: Extract<Step, { kind: 'cause' }>, at: FaultPlace): Shown {
  const { language, place } = at;
  const remedy = remedyOf(faults, step.id, { language, place });
  // The walk ends at causes that are there.
  if (remedy === null) throw new Error(`no cause ${step.id}`);
  const body = html`<p>${remedy.meaning}</p>
    <p class="hint">${texts.likely[language]}</p>
    <h2>${texts.todo[language]}</h2>
    ${steps(remedy.steps)} ${placeSteps(remedy)} ${placeLinks(remedy, at)} ${backLinks(at)}
    ${trailList(step.trail, language)}`;
  return { title: remedy.title, body };
}

function placeSteps({ place }: Remedy): Html | null {
  if (place === null) return null;
  return html`<h2>${place.name}</h2>
    ${steps(place.steps)}`;
}

function placeLinks({ places }: Remedy, at: FaultPlace): Html | null {
  const others = places.filter(({ id }) => id !== at.place);
  if (others.length === 0) return null;
  const links = others.map(({ id, text }) => ({ href: linkTo({ ...at, place: id }), text }));
  return html`<h2>${texts.which[at.language]}</h2>
    ${choiceList(links)}`;
}

function backLinks({ answers, language }: FaultPlace): Html {
  const back = linkTo({ answers: answers.slice(0, -1), place: null, language });
  const again = linkTo({ answers: [], place: null, language });
  return html`<p>
    <a href="${back}">${texts.back[language]}</a> | <a href="${again}">${texts.again[language]}</a>
  </p>`;
}

function trailList(trail: readonly Answered[], language: Language): Html {
  return html`<h2>${texts.answered[language]}</h2>
    <ul class="said">
      ${trail.map(({ question, answer }) => html`<li>${question} <strong>${answer}</strong></li> `)}
    </ul>`;
}

export function astrayPage(language: Language): Page {
  const start = linkTo({ answers: [], place: null, language });
  return {
    status: 404,
    title: texts.astray[language],
    body: html`<p>${texts.astrayText[language]}</p>
      <p><a href="${start}">${texts.title[language]}</a></p>`,
    otherLanguage: linkTo({ answers: [], place: null, language: language === 'ja' ? 'en' : 'ja' }),
  };
}
