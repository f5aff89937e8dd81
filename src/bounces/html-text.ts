// Enough for what mail software writes: lines and words. Bounced newsletters never come here, only reports.
const lineBreaking = /<(?:br|\/p|\/div|\/tr|\/td|\/th|\/li|\/h\d|\/table|p|div|tr|li|hr)\b[^<>]{0,500}>/gi;
// Exchange shows a name where the address is the link.
const mailLink =
  /<a\b[^<>]{0,200}?\bhref\s?=\s?["']?mailto:([^"'<>?\s]{3,300})[^<>]{0,300}>([^<]{0,300})<\/a>/gi;
const named: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  nbsp: ' ',
  apos: "'",
};

/** The words of an HTML part of a report. */
export function wordsOfHtml(html: string): string {
  return withoutElements(withoutElements(html, 'style'), 'script')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll(mailLink, (_, address: string, name: string) => `${name}<mailto:${address}>`)
    .replaceAll(lineBreaking, '\n')
    .replaceAll(/<[^<>@]{0,2000}>|<a\b[^<>]{0,2000}>/gi, '')
    .replaceAll(/&(#x?[\da-f]{1,6}|[a-z]{2,6});?/gi, (whole, name: string) => entity(whole, name))
    .replaceAll(/[ \t]{2,}/g, ' ')
    .replaceAll(/\n(?:[ \t]*\n){2,}/g, '\n\n');
}

/** Drops elements whose text nobody sees; one that does not end hides the rest. */
function withoutElements(html: string, name: string): string {
  const lower = html.toLowerCase();
  let out = '';
  let from = 0;
  for (;;) {
    const start = lower.indexOf(`<${name}`, from);
    if (start < 0) return out + html.slice(from);
    out += html.slice(from, start);
    const end = lower.indexOf(`</${name}`, start);
    if (end < 0) return out;
    from = end + name.length + 2;
  }
}

function entity(whole: string, name: string): string {
  if (!name.startsWith('#')) return named[name.toLowerCase()] ?? whole;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return Number.isInteger(code) && code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code) : whole;
}
