import { hash } from 'node:crypto';
import { octetsText } from '../attachments/index.ts';
import type { Download } from '../attachments/index.ts';
import type { Bilingual, Language } from '../base/index.ts';

/** What a recipient is shown where the file itself is not given. */
export type DownloadPage =
  | { readonly kind: 'absent' | 'expired' | 'spent' }
  | { readonly kind: 'busy'; readonly waitSeconds: number }
  | { readonly kind: 'locked' | 'wrong'; readonly download: Download }
  | { readonly kind: 'slow-down'; readonly download: Download; readonly waitSeconds: number };

const style =
  'body{font-family:system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1rem;line-height:1.7}' +
  'h1{font-size:1.3rem}p,form{overflow-wrap:anywhere}input,button{font:inherit;padding:.5rem .8rem;margin:.3rem 0}' +
  'label{display:block}.wrong{color:#b00020}';

// The page runs nothing, loads nothing, is framed by nobody, and posts to where it came from.
const policy =
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'; ` +
  "base-uri 'none'; frame-ancestors 'none'";

const titles: Readonly<Record<DownloadPage['kind'], Bilingual>> = {
  absent: { ja: 'ファイルが見つかりません', en: 'There is no such file' },
  expired: { ja: 'ダウンロードの期限が切れています', en: 'This link has expired' },
  spent: {
    ja: 'ダウンロードできる回数を超えました',
    en: 'This file was downloaded as often as it may be',
  },
  locked: { ja: 'パスワードを入力してください', en: 'Please enter the password' },
  wrong: { ja: 'パスワードが違います', en: 'That is not the password' },
  busy: { ja: '混み合っています', en: 'Too many are downloading now' },
  'slow-down': { ja: 'しばらくお待ちください', en: 'Please wait a while' },
};

const cures: Readonly<Record<'absent' | 'expired' | 'spent' | 'busy', Bilingual>> = {
  absent: {
    ja: 'メールのリンクが途中で切れていないか確かめてください。期限が切れてファイルが消えた場合もあります。送信者に再送を頼めます。',
    en: 'Check that the link of the mail was not cut off. The file may also have expired and been removed; the sender can send it again.',
  },
  expired: {
    ja: '送信者に、もう一度送ってもらうよう頼んでください。',
    en: 'Ask the sender to send it again.',
  },
  busy: { ja: '少し待ってから、もう一度開いてください。', en: 'Wait a little, then open the link again.' },
  spent: {
    ja: '送信者に、もう一度送ってもらうよう頼んでください。',
    en: 'Ask the sender to send it again.',
  },
};

/** A page without script, for any browser, and the policy to serve it with. */
export function downloadPage(
  shown: DownloadPage,
  language: Language,
): { readonly html: string; readonly policy: string } {
  const title = titles[shown.kind][language];
  const body = 'download' in shown ? lockedBody(shown, language) : `<p>${cures[shown.kind][language]}</p>`;
  const html =
    `<!doctype html>\n<html lang="${language}">\n<head>\n<meta charset="utf-8">\n` +
    `<meta name="viewport" content="width=device-width,initial-scale=1">\n<title>${title}</title>\n<style>${style}</style>\n` +
    `</head>\n<body>\n<h1>${title}</h1>\n${body}\n</body>\n</html>\n`;
  return { html, policy };
}

function lockedBody(
  shown: Extract<DownloadPage, { readonly download: Download }>,
  language: Language,
): string {
  const { filename, octets } = shown.download;
  const file = `<p>${escaped(filename)} (${octetsText(octets)})</p>`;
  const words = {
    label: { ja: 'パスワード', en: 'Password' },
    button: { ja: 'ダウンロード', en: 'Download' },
  };
  const wait =
    shown.kind === 'slow-down'
      ? {
          ja: `入力の回数が多すぎます。${shown.waitSeconds} 秒後にやり直せます。`,
          en: `There were too many tries. You can try again in ${shown.waitSeconds} seconds.`,
        }
      : null;
  const note = wait === null ? '' : `<p class="wrong">${wait[language]}</p>\n`;
  return (
    `${file}\n${note}<form method="post"><label>${words.label[language]}\n` +
    '<input type="password" name="password" required maxlength="200" autocomplete="off" autofocus></label>\n' +
    `<button>${words.button[language]}</button></form>`
  );
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
