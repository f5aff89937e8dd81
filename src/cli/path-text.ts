import type { Bilingual } from '../base/index.ts';
import type { PathAccount } from '../delivery/index.ts';

const states: { readonly [State in PathAccount['state']]: Bilingual } = {
  new: { ja: '送信したことがありません', en: 'never mailed' },
  open: { ja: '送信できます', en: 'open' },
  paced: { ja: '受信側に合わせた速さで送っています', en: 'sending at the pace that the receiver takes' },
  held: { ja: '休んでいます', en: 'resting' },
};

/** The state of a way out, with its reason and end. */
export function pathStateText({ state, because, detail, until }: PathAccount): Bilingual {
  const text = states[state];
  if (because === null || until === null) return text;
  const end = new Date(until).toLocaleString('sv-SE');
  const why = detail === '' ? because : `${because}: ${detail}`;
  return { ja: `${text.ja}（${end} まで。${why}）`, en: `${text.en} until ${end} (${why})` };
}

/** `47/s`, `12/min`; `-` where nothing limits. */
export function rateText(perSecond: number | null): string {
  if (perSecond === null) return '-';
  return perSecond >= 1 ? `${perSecond}/s` : `${Number((60 * perSecond).toPrecision(3))}/min`;
}
