import type { Bilingual } from '../../base/index.ts';
import type { DsnAction, DsnFacts, DsnRecipient } from './dsn.ts';

/** Subject, and what the notice begins with. */
const words: { readonly [Action in DsnAction]: { readonly subject: string; readonly opening: Bilingual } } = {
  failed: {
    subject: 'Undelivered mail / 届かなかったメール',
    opening: {
      ja: '次のメールを届けられませんでした。もう送り直しません。',
      en: 'This mail could not be delivered, and is not tried again.',
    },
  },
  delayed: {
    subject: 'Delayed mail / 配信が遅れています',
    opening: {
      ja: '次のメールはまだ届いていません。送り直しを続けます。何もする必要はありません。',
      en: 'This mail has not arrived yet. It is being tried again; there is nothing you have to do.',
    },
  },
  relayed: {
    subject: 'Mail handed over / 相手サーバーに渡したメール',
    opening: {
      ja: '次のメールを相手のサーバーが受け取りました。その先のことは知らせが来ません。',
      en: 'The receiving server has taken this mail; it does not tell what becomes of it there.',
    },
  },
};

export function dsnSubject(facts: DsnFacts): string {
  return words[actionOf(facts)].subject;
}

/** What people read: Japanese, then English; lines end with CRLF. */
export function humanPart(facts: DsnFacts): string {
  const { opening } = words[actionOf(facts)];
  const subject = facts.subject === '' ? [] : [`Subject: ${facts.subject}`];
  const section = (language: 'ja' | 'en'): readonly string[] => [
    opening[language],
    '',
    ...subject,
    '',
    ...facts.recipients.flatMap((recipient) => [...recipientLines(recipient, language), '']),
  ];
  return [...section('ja'), '----------', '', ...section('en'), `Todoku, ${facts.reportingHost}`, '']
    .join('\n')
    .replaceAll(/\r?\n|\r/g, '\r\n');
}

function recipientLines(recipient: DsnRecipient, language: 'ja' | 'en'): readonly string[] {
  const { address, remoteHost, said, explanation } = recipient;
  const host = remoteHost ?? (language === 'ja' ? '相手のサーバー' : 'the receiving server');
  const ofServer = language === 'ja' ? `${host} の返答:` : `${host} said:`;
  const reply = said?.smtp === true ? [ofServer, ...said.text.split('\n').map((line) => `    ${line}`)] : [];
  return [`<${address}>`, ...reply, ...explanation[language].split('\n')];
}

function actionOf({ recipients }: DsnFacts): DsnAction {
  return recipients[0]?.action ?? 'failed';
}
