import type { Bilingual, Language } from '../base/index.ts';
import { html } from './html.ts';
import type { Page } from './page.ts';
import type { ClosedLink, UnsubscribeDesk } from './ports.ts';

const texts = {
  ask: { ja: '配信を止めますか', en: 'Stop these mails?' },
  askText: {
    ja: '下のボタンを押すと、このアドレスへの配信を止めます。',
    en: 'Press the button and no more of these mails go to this address.',
  },
  button: { ja: '配信を止める', en: 'Stop the mails' },
  to: { ja: 'アドレス', en: 'Address' },
  from: { ja: '送信元', en: 'From' },
  done: { ja: '配信を止めました', en: 'The mails are stopped' },
  doneText: {
    ja: 'このアドレスにはもう送りません。すでに送り出したメールが、少しの間届くことがあります。',
    en: 'No more go to this address. One that was already on its way may still arrive.',
  },
} satisfies Record<string, Bilingual>;

type Open = Exclude<ReturnType<UnsubscribeDesk['open']>, ClosedLink>;

/** Asks first: programs that look at every link of a mail must not unsubscribe anybody (RFC 8058 §1). */
export function unsubscribePage(mail: Open, token: string, language: Language): Page {
  const say = (text: Bilingual): string => text[language];
  const whose = html`<dl>
    <dt>${say(texts.to)}</dt>
    <dd>${mail.to}</dd>
    <dt>${say(texts.from)}</dt>
    <dd>${mail.senderDomain}</dd>
  </dl>`;
  const body = mail.left
    ? html`${whose}
        <p>${say(texts.doneText)}</p>`
    : html`${whose}
        <p>${say(texts.askText)}</p>
        <form method="post" action="/u/${token}?lang=${language}">
          <button class="main">${say(texts.button)}</button>
        </form>`;
  return {
    status: 200,
    title: say(mail.left ? texts.done : texts.ask),
    body,
    otherLanguage: `/u/${encodeURIComponent(token)}?lang=${language === 'ja' ? 'en' : 'ja'}`,
  };
}
