import type { SectionKeys } from '../key-description.ts';
import { optional } from '../list-types.ts';
import { integer, text } from '../scalar-types.ts';

// Beyond a day a second nothing of a provider's behaviour is left to see.
const fastestTimeScale = 86_400;

/** Rehearsal: the whole product against a simulated internet. */
export const simulatorKeys: SectionKeys<'simulator'> = {
  'simulator.seed': {
    type: optional(text),
    default: null,
    doc: {
      en: 'Rehearsal: with a seed (any text), mail goes to a simulated internet on this machine and never outside. The same seed gives every address the same fate.',
      ja: 'リハーサル用。文字列を指定すると、メールはこのマシン内の模擬インターネットへ送られ、外部には出ません。同じ文字列なら各アドレスの結果も同じです。',
    },
    applies: 'restart',
  },
  'simulator.timeScale': {
    type: integer({ min: 1, max: fastestTimeScale }),
    default: 1,
    doc: {
      en: 'How many of the simulated providers’ seconds (greylisting, blocks, rate windows) pass in one.',
      ja: '模擬プロバイダーの時間（グレイリスティング・遮断・流量制限）を何倍速で進めるか。',
    },
    applies: 'restart',
  },
};
