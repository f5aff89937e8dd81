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
