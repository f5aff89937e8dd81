import { base64Of, goodHtml, goodText, letter, look, newsletter, part } from './message-world.ts';
import type { Pieces, World } from './message-world.ts';
import type { BrokenWorld } from './world.ts';

const world = (entry: string, what: string, more: World): BrokenWorld => ({
  id: `message.${entry}`,
  what,
  look: async () => (await look(more)).findings,
});

const htmlWith = (added: string): World => ({
  pieces: newsletter({ html: goodHtml.replace('</body>', `${added}</body>`) }),
});
const htmlOf = (whole: string): World => ({ pieces: newsletter({ html: whole }) });
const without = (word: RegExp): World => ({
  pieces: newsletter({ html: goodHtml.replaceAll(word, ''), text: goodText.replaceAll(word, '') }),
});
const body = (change: (body: string) => string): World => {
  const pieces = newsletter();
  return { pieces: { ...pieces, body: change(pieces.body) } };
};
const subject = (value: string): World => {
  const pieces = newsletter();
  const others = pieces.fields.filter((field) => !field.startsWith('Subject:'));
  return { pieces: { ...pieces, fields: [...others, `Subject: ${value}`] } };
};
const attached = (name: string, octets: Buffer): World => {
  const pieces = newsletter();
  const file = part(
    `application/octet-stream; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"`,
    'base64',
    base64Of(octets),
  );
  const inner = `--out\r\nContent-Type: multipart/alternative; boundary="edge"\r\n\r\n${pieces.body}\r\n--out\r\n${file}--out--\r\n`;
  const fields = pieces.fields.map((field) =>
    field.startsWith('Content-Type:') ? 'Content-Type: multipart/mixed; boundary="out"' : field,
  );
  return { pieces: { fields, body: inner } };
};

const words = 'こんにちは。先日はありがとうございました。資料をお送りします。';
const utf8 = (text: string): string => Buffer.from(text).toString('latin1');
const jis = (inner: string): Pieces =>
  letter(
    'text/plain; charset=ISO-2022-JP',
    '7bit',
    `\u001b$B$3$s$K$A$O\u001b(B ${inner}\r\nand words enough to read\r\n`,
  );

const mime: readonly BrokenWorld[] = [
  world('line-too-long', '999 octets', {
    pieces: letter('text/plain; charset=UTF-8', '7bit', `${'word '.repeat(200)}\r\n`),
  }),
  world('mixed-line-ends', 'one line feed alone', {
    later: (mail) => mail.replace(/\r\n$/, '\n'),
    selector: 'news',
  }),
  world('boundary-missing', 'another in the body', {
    pieces: { ...newsletter(), body: newsletter().body.replaceAll('--edge', '--other') },
  }),
  world(
    'boundary-open',
    'cut off',
    body((text) => text.replace('--edge--', '')),
  ),
  world('encoding-unknown', 'a slip', {
    pieces: letter('text/plain; charset=us-ascii', 'base-64', 'hello there\r\n'),
  }),
  world('encoding-7bit', 'UTF-8', {
    pieces: letter('text/plain; charset=UTF-8', '7bit', utf8(`${words}\r\n`)),
  }),
  world('base64-broken', 'a footer behind it', {
    pieces: letter('text/plain; charset=UTF-8', 'base64', `${base64Of(words)}\r\n(scanned by X)\r\n`),
  }),
  world('base64-broken', 'cut off', {
    pieces: letter(
      'text/plain; charset=UTF-8',
      'base64',
      `${base64Of(words).replaceAll('=', '').slice(0, 41)}\r\n`,
    ),
  }),
  world('base64-ascii', 'plain English', {
    pieces: letter(
      'text/plain; charset=UTF-8',
      'base64',
      base64Of('Hello, the papers are attached as you asked.'),
    ),
  }),
  world('empty-body', 'blanks', { pieces: letter('text/plain; charset=UTF-8', '7bit', ' \r\n\r\n') }),
  world('html-alone', 'no text part', {
    pieces: letter('text/html; charset=UTF-8', 'base64', base64Of(`<p>${words}</p>`)),
  }),
  world('attachment-refused', 'a program', attached('invoice.pdf.exe', Buffer.from('MZ'))),
  world(
    'attachment-locked',
    'a locked archive',
    attached('a.zip', Buffer.from('504b0304140001000800', 'hex')),
  ),
  world('charset-missing', 'raw UTF-8', { pieces: letter('text/plain', '8bit', utf8(`${words}\r\n`)) }),
  world('charset-false', 'Shift_JIS called UTF-8', {
    pieces: letter(
      'text/plain; charset=UTF-8',
      '8bit',
      '\u0082\u00b1\u0082\u00f1\u0082\u00c9\u0082\u00bf\u0082\u00cd hello\r\n',
    ),
  }),
  world('charset-false', 'UTF-8 called ISO-2022-JP', {
    pieces: letter('text/plain; charset=ISO-2022-JP', '8bit', utf8(`${words}\r\n`)),
  }),
  world('charset-unknown', 'a slip', {
    pieces: letter('text/plain; charset=utf-8n', '8bit', utf8(`${words}\r\n`)),
  }),
  world('jis-half-width', 'ｶﾀｶﾅ', { pieces: jis('\u001b(I6@6E\u001b(B') }),
  world('jis-vendor', '①', { pieces: jis('\u001b$B-!\u001b(B') }),
  world('jis-vendor', '㈱ in the subject', subject('=?ISO-2022-JP?B?GyRCLWobKEI=?=')),
];

const shown: readonly BrokenWorld[] = [
  world('gmail-clips', '103 KB', htmlOf(goodHtml.replace('<p>', `<!--${'x'.repeat(105_000)}--><p>`))),
  world('too-large', '300 KB', attached('photo.bin', Buffer.alloc(250_000, 7))),
  world(
    'tracking-alone',
    'a pixel',
    htmlOf('<img src="https://shop.example/o.gif" width="1" height="1" alt="" title="　">'),
  ),
  world('images-alone', 'one large image', {
    pieces: newsletter({
      html: '<img src="https://shop.example/a.png" alt=""><a href="https://shop.example/out">配信停止</a>',
      text: '配信停止 株式会社 住所 お問い合わせ',
    }),
  }),
  world('images-without-alt', 'three', htmlWith('<img src="https://shop.example/a.png">'.repeat(3))),
  world('html-active', 'a form', htmlWith('<form action="https://shop.example"><input name="a"></form>')),
  world('html-active', 'a script', htmlWith('<script>alert(1)</script>')),
  world(
    'hidden-text',
    'a story',
    htmlWith(`<div style="font-size: 0px">${'隠れた文章です。'.repeat(60)}</div>`),
  ),
  world(
    'hidden-text',
    'white on white',
    htmlWith(`<p style="color:#fff; background-color:#fff">${'隠れた文章です。'.repeat(60)}</p>`),
  ),
  world('link-obfuscated', 'a user name', htmlWith('<a href="https://bank.example@evil.example/">口座</a>')),
  world('link-obfuscated', 'a script', htmlWith('<a href="javascript:alert(1)">見る</a>')),
  world('link-obfuscated', 'an address as a number', htmlWith('<a href="https://3221225994/">見る</a>')),
  world(
    'link-text-differs',
    'a bank',
    htmlWith('<a href="https://evil.example/">https://www.mizuhobank.co.jp/</a>'),
  ),
  world('link-ip', 'IPv4', htmlWith('<a href="https://192.0.2.1/">見る</a>')),
  world('link-look-alike', 'Cyrillic', htmlWith('<a href="https://gmаil.com/">見る</a>')),
  world('link-shortener', 'bit.ly', htmlWith('<a href="https://bit.ly/3abc">見る</a>')),
  world('link-http', 'in the clear', htmlWith('<a href="http://shop.example/">見る</a>')),
  world('link-dead', '404', {
    askLink: (url) => Promise.resolve({ status: url.endsWith('/new') ? 404 : 200 }),
  }),
  world('link-dead', 'no such host', { askLink: () => Promise.resolve({ failed: 'ENOTFOUND' }) }),
  world('link-alone', 'nothing else', {
    pieces: letter('text/plain; charset=us-ascii', '7bit', 'https://shop.example/a\r\n'),
  }),
];

const wording: readonly BrokenWorld[] = [
  world('decorative-lines', 'stars', htmlWith('<p>★★★★★★★★★★</p>')),
  world(
    'unsolicited-tag',
    'in the subject',
    subject(`=?UTF-8?B?${Buffer.from('未承諾広告※ 新商品').toString('base64')}?=`),
  ),
  world('phrases', 'two kinds', htmlWith('<p>本日限り、必ず儲かります</p>')),
  world('subject-capitals', 'all', subject('BIG SALE THIS WEEK')),
  world('subject-exclaims', 'three', subject('New products!!!')),
  world('subject-long', '201', subject('a word '.repeat(30))),
  world('subject-link', 'a link', subject('see https://shop.example/')),
  world('subject-gappy', 'gaps', subject('n e w s a l e now')),
  world('law-name', 'no company', without(/株式会社届く商店/g)),
  world('law-opt-out', 'no way out', without(/配信停止/g)),
  world('law-address', 'no address', without(/〒100-0001 東京都千代田区1-1/g)),
  world('law-contact', 'no contact', without(/お問い合わせ: 03-0000-0000/g)),
  world('free-mail-sender', 'in the name of a provider', {
    pieces: {
      ...newsletter(),
      fields: newsletter().fields.map((field) =>
        field.startsWith('From:') ? 'From: a@gmail.example' : field,
      ),
    },
    zones: { '_dmarc.gmail.example': 'v=DMARC1; p=none', 'gmail.example': 'v=spf1 ip4:192.0.2.10 -all' },
    envelope: { ip: '192.0.2.10', helo: 'out.gmail.example', sender: 'a@gmail.example' },
  }),
  world('filter-spam', 'a filter says so', {
    filters: [
      {
        name: 'rspamd',
        ask: () =>
          Promise.resolve({
            kind: 'judged',
            isSpam: true,
            score: 9.5,
            threshold: 6,
            rules: [{ name: 'A', score: 9.5, text: 'a' }],
          }),
      },
    ],
  }),
  world('filter-silent', 'a filter is down', {
    filters: [{ name: 'rspamd', ask: () => Promise.resolve({ kind: 'failed', cause: 'ECONNREFUSED' }) }],
  }),
];

export const contentWorlds: readonly BrokenWorld[] = [...mime, ...shown, ...wording];
