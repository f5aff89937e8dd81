import { hash } from 'node:crypto';
import type { Language } from '../base/index.ts';
import { html } from './html.ts';
import type { Html } from './html.ts';

/** What one page shows. */
export type Page = {
  readonly status: number;
  readonly title: string;
  readonly body: Html;
  /** The same page in the other language: a path with its query. */
  readonly otherLanguage: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds?: number;
};

// Plain rules that browsers of 2010 know; nothing is lost where they are not. 3em: a thumb's width (WCAG 2.5.5).
const style =
  'body{font-family:sans-serif;font-size:1em;line-height:1.7;color:#1a1a1a;background:#fff;max-width:38em;margin:0 auto;padding:1em}' +
  'h1{font-size:1.4em;line-height:1.4;margin:.6em 0}h2{font-size:1.15em;margin:1.4em 0 .4em}' +
  'a{color:#0b4f9e}ul.choices{list-style:none;padding:0;margin:1em 0}ul.choices li{margin:.5em 0}' +
  'ul.choices a,button{display:block;box-sizing:border-box;width:100%;min-height:3em;padding:.7em 1em;border:2px solid #0b4f9e;' +
  'border-radius:.5em;background:#fff;color:#0b4f9e;font-size:1em;line-height:1.5;text-align:left;text-decoration:none;cursor:pointer}' +
  'button.main{background:#0b4f9e;color:#fff;text-align:center}ul.choices a:hover,button:hover{text-decoration:underline}' +
  'a:focus,button:focus{outline:3px solid #b35900}form{margin:.6em 0}ol li,ul.said li{margin:.4em 0}' +
  'dl{margin:1em 0;padding:.6em 1em;background:#f2f5f9;border-radius:.5em}dt{color:#4a4a4a;font-size:.9em}dd{margin:0 0 .5em}' +
  '.hint{color:#4a4a4a}.note{padding:.6em 1em;border-left:4px solid #b35900;background:#fff6ec}' +
  'header,footer{font-size:.9em}header{text-align:right}footer{margin-top:2em;border-top:1px solid #ccc;padding-top:.6em}' +
  'p,li,dd{overflow-wrap:break-word;word-wrap:break-word}';

// It runs nothing, loads nothing, is framed by nobody and posts to where it came from.
const policy =
  `default-src 'none'; style-src 'sha256-${hash('sha256', style, 'base64')}'; form-action 'self'; ` +
  "base-uri 'none'; frame-ancestors 'none'";

/** The answer with a page, for any browser, with the header fields that keep its link private. */
export function pageResponse(page: Page, language: Language): Response {
  const { status, title, body, otherLanguage, retryAfterSeconds } = page;
  const other = { ja: { name: 'English', code: 'en' }, en: { name: '日本語', code: 'ja' } }[language];
  // The style is ours, and holds nothing that would need escaping.
  const styled: Html = { markup: `<style>${style}</style>` };
  const { markup } = html`<!doctype html>
    <html lang="${language}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width,initial-scale=1" />
        <title>${title}</title>
        ${styled}
      </head>
      <body>
        <header>
          <a href="${otherLanguage}" lang="${other.code}" hreflang="${other.code}">${other.name}</a>
        </header>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `;
  return new Response(markup, {
    status,
    headers: {
      ...privateFields,
      'content-type': 'text/html; charset=utf-8',
      'content-language': language,
      'content-security-policy': policy,
      vary: 'accept-language',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
    },
  });
}

/** Nobody guesses types, keeps copies, finds it by searching, or learns the link from where a reader goes next. */
export const privateFields = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, no-store',
  'x-robots-tag': 'noindex, nofollow',
  'referrer-policy': 'no-referrer',
} as const;

/** A list of links, each as large as a thumb. */
export function choiceList(choices: readonly { readonly href: string; readonly text: string }[]): Html {
  return html`<ul class="choices">
    ${choices.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li> `)}
  </ul>`;
}

export function steps(list: readonly string[]): Html {
  return html`<ol>
    ${list.map((step) => html`<li>${step}</li> `)}
  </ol>`;
}
