import type { Bilingual } from '../base/index.ts';

/** What may have happened to a message, as applications name it: a full-stop delimited word (Standard Webhooks, "Payload"). */
export type EventType = keyof typeof eventTypes;

/** Every type, and what it says. */
export const eventTypes = {
  'message.accepted': { ja: '受け付けて保存した', en: 'it was accepted and is on the disk' },
  'message.delivered': { ja: '相手のサーバーが受け取った', en: 'the receiving server took it' },
  'message.deferred': {
    ja: '今回の送信は失敗し、後で再送する',
    en: 'an attempt failed, it will be tried again',
  },
  'message.bounced': { ja: '届かないと決まった', en: 'it was refused for good' },
  'message.bounced_later': {
    ja: '一度受け取られたあと、不達の通知が返ってきた',
    en: 'it was taken once, and a bounce came back later',
  },
  'message.complained': { ja: '受信者が迷惑メールとして報告した', en: 'the recipient called it junk' },
  'message.unsubscribed': { ja: '受信者が配信停止を求めた', en: 'the recipient asked for no more of it' },
  'message.suppressed': {
    ja: '送信停止リストにあるため送らなかった',
    en: 'it was not sent: the address is suppressed',
  },
  'message.expired': {
    ja: '期限までに届けられなかった',
    en: 'its time was over before it could be delivered',
  },
  'message.cancelled': { ja: '取り消された', en: 'it was cancelled' },
  'message.captured': {
    ja: 'テスト用の受信箱に入れた（送信していない）',
    en: 'it was captured by the sandbox instead of being sent',
  },
} as const satisfies Readonly<Record<string, Bilingual>>;

export function isEventType(word: string): word is EventType {
  return Object.hasOwn(eventTypes, word);
}
