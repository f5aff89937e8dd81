import type { Bilingual, Language } from '../base/index.ts';
import type { MessageState } from '../events/index.ts';
import { linkTo } from './fault-pages.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';
import { steps } from './page.ts';
import type { Page } from './page.ts';
import type { MissedMail, RecipientWord, TestMail } from './ports.ts';

export type NotArrivedPlace = { readonly token: string; readonly language: Language };

const states: { readonly [State in MessageState]: Bilingual } = {
  delivered: { ja: '受信側のサーバーが受け取りました', en: 'The receiving server took it' },
  bounced: { ja: '受信側のサーバーに断られました', en: 'The receiving server refused it' },
  waiting: {
    ja: 'まだ送っている途中です。自動で送り直します',
    en: 'It is still on its way and tried again by itself',
  },
  suppressed: {
    ja: '送信が止められているアドレスなので、送っていません',
    en: 'It was not sent: sending to this address is stopped',
  },
  expired: {
    ja: '期限までに受け取ってもらえませんでした',
    en: 'The receiving server did not take it in time',
  },
  cancelled: { ja: '送信者が取り消しました', en: 'The sender cancelled it' },
};

const refusals: { readonly [Refusal in NonNullable<TestMail['refusal']>]: Bilingual } = {
  suppressed: {
    ja: 'このアドレスへの送信は止められているため、試しのメールも送れません（配信解除、迷惑メールの報告、または不達のため）。再開は送信者に頼んでください。',
    en: 'Sending to this address is stopped (it was unsubscribed, reported as junk, or mail came back), so no test mail goes there. Ask the sender to allow it again.',
  },
  'too-soon': {
    ja: '送ったばかりです。10 分ほど待ってから、もう一度頼めます。',
    en: 'One was sent just now. You can ask again in about 10 minutes.',
  },
  'too-many': {
    ja: '今日はもう送れません。明日また頼めます。',
    en: 'No more can be sent today. You can ask again tomorrow.',
  },
};

const testEnds: { readonly [End in NonNullable<TestMail['last']>['end']]: Bilingual } = {
  taken: {
    ja: '受信側のサーバーが受け取りました。1〜2 分待って、受信トレイと迷惑メールフォルダーを見てください。',
    en: 'The receiving server took it. Wait a minute or two, then look in the inbox and the spam folder.',
  },
  later: {
    ja: '受信側のサーバーに今は渡せませんでした。10 分ほど待って、もう一度頼んでください。',
    en: 'It could not be handed over just now. Wait about 10 minutes, then ask again.',
  },
  refused: {
    ja: '受信側のサーバーは受け取りませんでした。アドレスが使われていないか、いっぱいか、拒否されています。',
    en: 'The receiving server did not take it: the address is not in use, full, or refuses it.',
  },
};

const texts = {
  title: { ja: 'このメールが届かないとき', en: 'This mail did not arrive?' },
  known: { ja: 'このメールについて分かっていること', en: 'What is known about this mail' },
  to: { ja: '宛先', en: 'To' },
  from: { ja: '送信元', en: 'From' },
  when: { ja: '送信の受付', en: 'Handed over' },
  state: { ja: '今の状態', en: 'State' },
  came: { ja: 'メールは見つかりましたか', en: 'Did you find it?' },
  found: { ja: '見つかりました', en: 'I found it' },
  missed: { ja: '届いていません', en: 'It has not arrived' },
  saidFound: {
    ja: '「見つかった」とお答えいただきました。ありがとうございます。',
    en: 'You told us that you found it. Thank you.',
  },
  saidMissed: {
    ja: '「届いていない」とお答えいただきました。送信者に見えるようにしました。',
    en: 'You told us that it has not arrived. The sender can see that.',
  },
  todo: { ja: '探し方と設定', en: 'Where to look, what to set' },
  test: { ja: '試しのメール', en: 'A test mail' },
  testText: {
    ja: '同じアドレスに、短い試しのメールを 1 通送ります。設定を直した後に試してください。',
    en: 'One short mail goes to the same address. Try it after you have changed a setting.',
  },
  ask: { ja: '試しのメールを送る', en: 'Send a test mail' },
  testCame: { ja: '試しのメールは届きましたか', en: 'Did the test mail arrive?' },
  yes: { ja: '届きました', en: 'It arrived' },
  no: { ja: '届きません', en: 'It did not' },
  testArrived: {
    ja: '試しのメールは届いた、とお答えいただきました。',
    en: 'You told us that the test mail arrived.',
  },
  testMissed: {
    ja: '試しのメールも届かない、とお答えいただきました。上の手順を確かめてください。',
    en: 'You told us that the test mail did not arrive either. Please go through the steps above.',
  },
  more: { ja: 'ほかの困りごとを診断する', en: 'Find the cause of other trouble' },
  private: {
    ja: 'このページは、リンクを受け取った方だけのものです。ほかのアドレスのことは表示しません。',
    en: 'This page is for whoever was given its link, and shows nothing about other addresses.',
  },
} satisfies Record<string, Bilingual>;

export function notArrivedPage(mail: MissedMail, { token, language }: NotArrivedPlace): Page {
  const say = (text: Bilingual): string => text[language];
  const list = mail.steps[language];
  const provider = mail.provider === null ? '' : ` — ${say(mail.provider)}`;
  const body = html`<h2>${say(texts.known)}</h2>
    <dl>
      <dt>${say(texts.to)}</dt>
      <dd>${mail.to}</dd>
      <dt>${say(texts.from)}</dt>
      <dd>${mail.senderDomain}</dd>
      <dt>${say(texts.when)}</dt>
      <dd>${timeText(mail.acceptedMs)}</dd>
      <dt>${say(texts.state)}</dt>
      <dd><strong>${say(states[mail.state])}</strong></dd>
    </dl>
    <p>${say(mail.meaning)}</p>
    ${
      list.length === 0
        ? null
        : html`<h2>${say(texts.todo)}${provider}</h2>
            ${steps(list)}`
    }
    <h2>${say(texts.came)}</h2>
    ${mail.said === null ? null : html`<p class="note">${say(mail.said === 'found' ? texts.saidFound : texts.saidMissed)}</p>`}
    ${wordForm(token, language, { word: 'found', text: say(texts.found) })}
    ${wordForm(token, language, { word: 'missed', text: say(texts.missed) })}
    ${testPart(mail.test, { token, language })}
    <footer>
      <p>${say(texts.private)}</p>
      <p><a href="${linkTo({ answers: [], place: null, language })}">${say(texts.more)}</a></p>
    </footer>`;
  return {
    status: 200,
    title: say(texts.title),
    body,
    otherLanguage: selfLink(token, language === 'ja' ? 'en' : 'ja'),
  };
}

function testPart({ last, refusal }: TestMail, { token, language }: NotArrivedPlace): Html {
  const say = (text: Bilingual): string => text[language];
  const asking =
    refusal === null
      ? html`<form method="post" action="/n/${token}/test?lang=${language}">
          <button class="main">${say(texts.ask)}</button>
        </form>`
      : html`<p class="note">${say(refusals[refusal])}</p>`;
  return html`<h2>${say(texts.test)}</h2>
    <p>${say(texts.testText)}</p>
    ${last === null ? null : lastTest(last, { token, language })} ${asking}`;
}

function lastTest(last: NonNullable<TestMail['last']>, { token, language }: NotArrivedPlace): Html {
  const say = (text: Bilingual): string => text[language];
  const result = html`<p class="note">${timeText(last.atMs)} — ${say(testEnds[last.end])}</p>`;
  if (last.end !== 'taken') return result;
  if (last.said !== null)
    return html`${result}
      <p class="note">${say(last.said === 'test-arrived' ? texts.testArrived : texts.testMissed)}</p>`;
  return html`${result}
    <p>${say(texts.testCame)}</p>
    ${wordForm(token, language, { word: 'test-arrived', text: say(texts.yes) })}
    ${wordForm(token, language, { word: 'test-missed', text: say(texts.no) })}`;
}

type Word = { readonly word: RecipientWord; readonly text: string };

function wordForm(token: string, language: Language, { word, text }: Word): Html {
  return html`<form method="post" action="/n/${token}?lang=${language}">
    <button name="answer" value="${word}">${text}</button>
  </form>`;
}

export function selfLink(token: string, language: Language): string {
  return `/n/${encodeURIComponent(token)}?lang=${language}`;
}

// Whoever reads it is mostly in Japan; the zone stands beside it for all others.
const timeForm = new Intl.DateTimeFormat('sv-SE', {
  timeZone: 'Asia/Tokyo',
  dateStyle: 'short',
  timeStyle: 'short',
});

function timeText(ms: number): string {
  return `${timeForm.format(ms)} (JST)`;
}

const closed = {
  forged: {
    title: { ja: 'このリンクは開けません', en: 'This link cannot be opened' },
    text: {
      ja: 'リンクが途中で切れているか、書き換わっています。メールやチャットから、もう一度全体をコピーして開いてください。',
      en: 'It was cut off or changed on the way. Copy the whole link again from where you got it.',
    },
  },
  expired: {
    title: { ja: 'このリンクの期限は終わりました', en: 'This link has expired' },
    text: {
      ja: '古いメールのことは、もう表示していません。送信者に問い合わせると、新しいリンクを受け取れます。',
      en: 'Old mails are no longer shown. The sender can give you a new link.',
    },
  },
} as const;

/** Kind words for a link that opens nothing. */
export function closedPage(kind: keyof typeof closed, language: Language): Page {
  const { title, text } = closed[kind];
  const start = linkTo({ answers: [], place: null, language });
  return {
    status: kind === 'forged' ? 404 : 410,
    title: title[language],
    body: html`<p>${text[language]}</p>
      <p><a href="${start}">${texts.more[language]}</a></p>`,
    otherLanguage: `?lang=${language === 'ja' ? 'en' : 'ja'}`,
  };
}
