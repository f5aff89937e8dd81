import type { Bilingual, Language } from '../base/index.ts';
import type { DiagnosisResult } from '../deliverability/index.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import type { Page } from './page.ts';

const texts = {
  title: { ja: 'メールの診断結果', en: 'What was found in your mail' },
  waiting: { ja: 'まだメールが届いていません', en: 'No mail has come yet' },
  waitingText: {
    ja: '診断用のアドレスへ送ってから 1 分ほどで結果が出ます。結果は 7 日間ここにあります。',
    en: 'The result is here about a minute after you send to the diagnosis address, and stays for 7 days.',
  },
  score: { ja: '点数', en: 'Score' },
  from: { ja: '送信元のサーバー', en: 'Came from' },
  sender: { ja: '差出人（MAIL FROM）', en: 'Envelope sender' },
  lost: { ja: '点数の内訳', en: 'What it lost points for' },
  full: { ja: '減点はありません。', en: 'It lost none.' },
} satisfies Record<string, Bilingual>;

type Found = DiagnosisResult['findings'][number];

const marks: { readonly [Each in Found['severity']]: Bilingual } = {
  problem: { ja: '問題', en: 'Problem' },
  warning: { ja: '注意', en: 'Warning' },
  info: { ja: '参考', en: 'Remark' },
  ok: { ja: '正常', en: 'In order' },
};

/** What was found in the mail to a diagnosis address; null: nothing came there, or there is no such address. */
export function diagnosisPage(result: DiagnosisResult | null, token: string, language: Language): Page {
  const otherLanguage = `/c/${encodeURIComponent(token)}?lang=${language === 'ja' ? 'en' : 'ja'}`;
  const say = (text: Bilingual): string => text[language];
  if (result === null)
    return {
      status: 200,
      title: say(texts.waiting),
      body: html`<p>${say(texts.waitingText)}</p>`,
      otherLanguage,
    };
  const { score, envelope, findings } = result;
  const lost = score.lost.map(({ points, title }) => html`<li>−${points.toFixed(1)} ${say(title)}</li>`);
  const body = html`<dl>
      <dt>${say(texts.score)}</dt>
      <dd>${score.points} / ${score.of}</dd>
      <dt>${say(texts.from)}</dt>
      <dd>${envelope.ip} (${envelope.helo})</dd>
      <dt>${say(texts.sender)}</dt>
      <dd>${envelope.sender === '' ? '-' : envelope.sender}</dd>
    </dl>
    <h2>${say(texts.lost)}</h2>
    ${
      lost.length === 0
        ? html`<p>${say(texts.full)}</p>`
        : html`<ul>
            ${lost}
          </ul>`
    }
    ${findings.map((finding) => section(finding, language))}`;
  return { status: 200, title: say(texts.title), body, otherLanguage };
}

function section({ severity, evidence, advice }: Found, language: Language): Html {
  const { title, meaning, steps } = advice[language];
  const list = html`<ol>
    ${steps.map((step) => html`<li>${step}</li>`)}
  </ol>`;
  return html`<h2>${marks[severity][language]}: ${title}</h2>
    <p>${meaning}</p>
    ${steps.length === 0 ? null : list}
    ${evidence.split('\n').map((line) => html`<p class="hint">${line}</p>`)}`;
}
