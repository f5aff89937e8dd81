import type { Bilingual } from '../base/index.ts';
import type { MessageState } from '../events/index.ts';

/** What the states of the ledger are called, in the order in which they are shown. */
export const stateNames: { readonly [State in MessageState]: Bilingual } = {
  delivered: { ja: '配信済み', en: 'delivered' },
  bounced: { ja: '不達', en: 'bounced' },
  suppressed: { ja: '送信停止', en: 'suppressed' },
  expired: { ja: '期限切れ', en: 'expired' },
  cancelled: { ja: '取消', en: 'cancelled' },
  waiting: { ja: '待機中', en: 'waiting' },
};

/** Whose turn it is. */
export const partyNames: Readonly<Record<string, Bilingual>> = {
  sender: { ja: '送信者', en: 'the sender' },
  operator: { ja: 'メール運用担当者', en: 'the mail operator' },
  recipient: { ja: '受信者', en: 'the recipient' },
  'recipient-admin': { ja: '受信側の管理者', en: 'the receiving administrator' },
  nobody: { ja: '対応不要', en: 'nobody' },
};

/** The same as a cell of a table. */
export const partyTitles: Readonly<Record<string, Bilingual>> = {
  sender: { ja: '送信者', en: 'sender' },
  operator: { ja: 'メール運用担当者', en: 'mail operator' },
  recipient: { ja: '受信者', en: 'recipient' },
  'recipient-admin': { ja: '受信側の管理者', en: 'receiving admin' },
  nobody: { ja: '不要', en: 'nobody' },
};

/** Where in the dialogue an attempt ended. */
export const stageNames: Readonly<Record<string, Bilingual>> = {
  route: { ja: '宛先ドメインの検索', en: 'looking up the domain' },
  compose: { ja: 'メールの作成', en: 'making the mail' },
  connect: { ja: '接続時', en: 'on connecting' },
  banner: { ja: '最初の応答', en: 'greeting' },
  ehlo: { ja: 'EHLO', en: 'EHLO' },
  starttls: { ja: 'STARTTLS', en: 'STARTTLS' },
  mail: { ja: '差出人の確認', en: 'MAIL FROM' },
  rcpt: { ja: '宛先の確認', en: 'RCPT TO' },
  data: { ja: '本文の送信前', en: 'DATA' },
  eom: { ja: '本文の送信後', en: 'after the text' },
  session: { ja: '通信中', en: 'in the session' },
};
