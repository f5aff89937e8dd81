import { safeFileName } from '../protocol/message/index.ts';
import { octetsText } from './octets-text.ts';

/** A link as a mail shows it. */
export type ShownLink = { readonly filename: string; readonly octets: number; readonly url: string };

export type LinkFacts = {
  readonly links: readonly ShownLink[];
  readonly expiresMs: number;
  readonly hasPassword: boolean;
};

const title = '添付ファイルのダウンロード / Files to download';
const passwordNote = 'ダウンロードにはパスワードが必要です。 / A password is needed.';

/** 2026-12-08, in Japan, where it is that day first: a link that is said to work on a day works on all of it, so the day before. */
function lastDay(expiresMs: number): string {
  const day = new Date(expiresMs - 24 * 60 * 60 * 1000 + 9 * 60 * 60 * 1000);
  return day.toISOString().slice(0, 10);
}

function untilText(expiresMs: number): string {
  return `${lastDay(expiresMs)} までダウンロードできます。 / Available until ${lastDay(expiresMs)}.`;
}

/** The links at the end of the text part. */
export function withLinkText(text: string, facts: LinkFacts): string {
  const lines = facts.links.map(
    ({ filename, octets, url }) => `- ${safeFileName(filename)} (${octetsText(octets)})\n  ${url}`,
  );
  const note = facts.hasPassword ? [passwordNote] : [];
  const block = ['', '', '----', title, '', ...lines, '', untilText(facts.expiresMs), ...note, ''].join('\n');
  return `${text.trimEnd()}${block}`;
}

/** The links at the end of the HTML, within its body where that ends. */
export function withLinkHtml(html: string, facts: LinkFacts): string {
  const items = facts.links
    .map(
      ({ filename, octets, url }) =>
        `<li><a href="${escaped(url)}">${escaped(safeFileName(filename))}</a> (${octetsText(octets)})</li>`,
    )
    .join('\n');
  const note = facts.hasPassword ? `<br>${passwordNote}` : '';
  const block = `\n<hr><p><b>${title}</b></p>\n<ul>\n${items}\n</ul>\n<p>${untilText(facts.expiresMs)}${note}</p>\n`;
  return atEndOfBody(html, block);
}

/** Puts something at the end of what is shown. */
export function atEndOfBody(html: string, more: string): string {
  const found = html.toLowerCase().lastIndexOf('</body');
  // Lower case has another length in some scripts: then the end is looked for as it is mostly written.
  const end = html.slice(found, found + 6).toLowerCase() === '</body' ? found : html.lastIndexOf('</body');
  return end < 0 ? `${html}${more}` : `${html.slice(0, end)}${more}${html.slice(end)}`;
}

/** The words of the second and later mails of several. */
export function carrierText(number: number, of: number): string {
  return (
    `添付ファイルを ${of} 通に分けてお送りしています。これは ${number} 通目です。\n` +
    `The attached files come in ${of} mails; this is number ${number}.\n`
  );
}

/** The line that says so in the first. */
export function splitNote(of: number): string {
  return `添付ファイルは ${of} 通に分けてお送りします。 / The attached files come in ${of} mails; this is the first.`;
}

export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
