import type { Bilingual, Language } from '../../base/index.ts';
import type { Finding, Severity } from '../../findings/index.ts';
import type { DiagnosisResult } from './result-store.ts';

const texts = {
  title: { ja: 'メールの診断結果', en: 'What was found in your mail' },
  score: { ja: '点数', en: 'Score' },
  from: { ja: '送信元', en: 'Came from' },
  evidence: { ja: '証跡', en: 'What was seen' },
  lost: { ja: '点数の内訳', en: 'What it lost points for' },
  full: { ja: '減点はありません。', en: 'It lost none.' },
} as const satisfies Readonly<Record<string, Bilingual>>;

const marks: { readonly [Each in Severity]: Bilingual } = {
  problem: { ja: '問題', en: 'Problem' },
  warning: { ja: '注意', en: 'Warning' },
  info: { ja: '参考', en: 'Remark' },
  ok: { ja: '正常', en: 'In order' },
};

/** Title and main part of the page of a result: plain HTML without script, every text of a stranger escaped. */
export function resultPage(
  { findings, score, envelope }: DiagnosisResult,
  language: Language,
): { readonly title: string; readonly main: string } {
  const say = (text: Bilingual): string => text[language];
  const lost = score.lost
    .map(({ points, title }) => `<li>−${points.toFixed(1)} ${escaped(say(title))}</li>`)
    .join('');
  const main = [
    `<h1>${say(texts.title)}</h1>`,
    `<p><strong>${say(texts.score)}: ${score.points} / ${score.of}</strong></p>`,
    `<p>${say(texts.from)}: ${escaped(envelope.ip)} (${escaped(envelope.helo)}), &lt;${escaped(envelope.sender)}&gt;</p>`,
    `<h2>${say(texts.lost)}</h2>`,
    lost === '' ? `<p>${say(texts.full)}</p>` : `<ul>${lost}</ul>`,
    ...findings.map((finding) => section(finding, language)),
  ].join('\n');
  return { title: say(texts.title), main };
}

function section({ severity, evidence, advice }: Finding, language: Language): string {
  const { title, meaning, steps } = advice[language];
  const list = steps.map((step) => `<li>${escaped(step)}</li>`).join('');
  return [
    `<section><h2>${marks[severity][language]}: ${escaped(title)}</h2>`,
    `<p>${escaped(meaning)}</p>`,
    list === '' ? '' : `<ol>${list}</ol>`,
    `<details><summary>${texts.evidence[language]}</summary><pre>${escaped(evidence)}</pre></details></section>`,
  ].join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
