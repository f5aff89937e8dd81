import type { SectionKeys } from '../key-description.ts';
import { boolean, duration, integer } from '../scalar-types.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** What keeps mail from an address by itself; why just so: `defaultSuppressionPolicy` of contacts. */
export const suppressionKeys: SectionKeys<'suppression'> = {
  'suppression.hard': {
    type: boolean,
    default: true,
    doc: {
      en: 'Suppress an address at once when the receiver says that it does not exist. Blocks, content and faults on the way never suppress.',
      ja: '宛先が存在しないと受信側が答えたアドレスを、すぐに送信停止にするか。ブロック・内容・経路の問題では停止しません。',
    },
    applies: 'restart',
  },
  'suppression.complaints': {
    type: boolean,
    default: true,
    doc: {
      en: 'Suppress at once whoever reported a mail as junk (feedback loop).',
      ja: '迷惑メールとして報告した受信者（フィードバックループ）を、すぐに送信停止にするか。',
    },
    applies: 'restart',
  },
  'suppression.softCount': {
    type: integer({ min: 0, max: 1_000 }),
    default: 5,
    unit: { en: 'mails', ja: '通' },
    doc: {
      en: 'Suppress for a while after so many mails in a row that ended at a full, suspended or filtering mailbox; 0: never.',
      ja: '容量超過・利用停止・受信拒否で続けて何通届かなければ一定期間の送信停止にするか。0 なら停止しません。',
    },
    applies: 'restart',
  },
  'suppression.softWindowMs': {
    type: duration(),
    default: 30 * dayMs,
    doc: { en: 'Time within which those failures count.', ja: 'その失敗を数える期間。' },
    applies: 'restart',
  },
  'suppression.softRestMs': {
    type: duration(),
    default: 30 * dayMs,
    doc: {
      en: 'How long such an address is left alone before it is tried again.',
      ja: 'その送信停止を続ける期間。過ぎると再び送ります。',
    },
    applies: 'restart',
  },
};
