import { AppError } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import { mjmlError, shown } from './mjml-error.ts';
import type { Disguised } from './placeholders.ts';

type Said = { readonly line: number; readonly message: string; readonly tagName: string };
type Context = { readonly name: string; readonly disguised: Disguised };

/** mjml-validator's messages, in Japanese. */
const known: readonly { readonly pattern: RegExp; readonly ja: string }[] = [
  { pattern: /^Element (\S+) doesn't exist or is not registered$/, ja: '$1 という要素は MJML にありません' },
  { pattern: /^Attributes? (.+) (?:is|are) illegal$/, ja: '属性 $1 は使えません' },
  {
    pattern: /^(\S+) cannot be used inside (\S+), only inside: (.*)$/,
    ja: '$1 は $2 の中では使えません（使える場所: $3）',
  },
  {
    pattern: /^Attribute (\S+) has invalid value: (.*) for type .*$/,
    ja: '属性 $1 の値 $2 が正しくありません',
  },
];

/** What MJML has to say about its source as an error; null for what needs no mending. */
export function complaint({ line, message, tagName }: Said, { name, disguised }: Context): AppError | null {
  // An empty `<mj-title>` is bad style and no more.
  if (message.includes('mj-title')) return null;
  // A value with Liquid in it is judged by what becomes of it (calculated.ts).
  if (disguised.hasWord(message)) return null;
  const en = shown(message);
  const found = known.find(({ pattern }) => pattern.test(en));
  const ja = found === undefined ? en : en.replace(found.pattern, found.ja);
  const what: Bilingual = { ja: `<${tagName}>: ${ja}`, en: `<${tagName}>: ${en}` };
  return mjmlError({ name, line: disguised.sourceLine(line) }, what);
}

// As the longest Liquid template (compose's liquid-engine.ts); Gmail clips mails twenty times smaller.
export const longestHtml = 2_000_000;

export function tooLong(name: string): AppError {
  return new AppError({
    code: 'template-mjml-size',
    message: {
      ja: `テンプレート ${name} から作られる HTML が ${longestHtml} 文字を超えます`,
      en: `template ${name} becomes more than ${longestHtml} characters of HTML`,
    },
    hint: { ja: 'テンプレートを短くしてください', en: 'shorten the template' },
  });
}
