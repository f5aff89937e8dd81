import { AppError } from '../../base/index.ts';
import { showCheck } from '../check-answer.ts';
import { tellScore } from '../message-score.ts';
import type { CommandInput } from '../command-input.ts';
import type { Command } from '../command.ts';
import { nameAndValue } from '../name-and-value.ts';
import type { MessageRequest } from '../message-request.ts';

/** `todoku check message`: what receivers and their filters would find in a mail. */
export const checkMessage: Command = {
  name: 'check message',
  summary: {
    ja: 'メールの認証・ヘッダー・文字コード・リンク・言葉・法律の表示を調べ、点数と直し方を示す',
    en: 'look at a mail as receivers do (authentication, header, charset, links, words) and say how to mend it',
  },
  arguments: [{ name: 'file', optional: true, doc: { ja: '調べるメール（.eml）', en: 'the mail (.eml)' } }],
  options: [
    {
      flags: '--template <file>',
      doc: {
        ja: 'ファイルの代わりに、このテンプレートを最初の宛先で組み立てて調べる',
        en: 'in the place of a file: the mail that this template makes for the first recipient',
      },
    },
    {
      flags: '--recipients <file>',
      doc: { ja: '宛先の CSV（--template と）', en: 'CSV of recipients, with --template' },
    },
    { flags: '--from <mailbox>', doc: { ja: '差出人（--template と）', en: 'sender, with --template' } },
    { flags: '--subject <template>', doc: { ja: '件名（--template と）', en: 'subject, with --template' } },
    { flags: '--text <file>', doc: { ja: 'テキスト版のテンプレート', en: 'template of the text part' } },
    {
      flags: '--default <name=value>',
      repeatable: true,
      doc: {
        ja: '宛先に値がないときの既定値（何度でも）',
        en: 'value of a variable that a recipient lacks; may be repeated',
      },
    },
    {
      flags: '--bulk',
      doc: { ja: '一斉送信のメールとして調べる', en: 'look at it as mail that goes to many' },
    },
    {
      flags: '--links',
      doc: { ja: 'リンク先を実際に開いて確かめる', en: 'open the links and say which are dead' },
    },
  ],
  examples: [
    {
      line: 'todoku check message mail.eml',
      doc: { ja: '保存したメールを調べます', en: 'looks at a saved mail' },
    },
    {
      line: 'todoku check message --template news.html --recipients list.csv --from news@example.jp --subject "11月号"',
      doc: { ja: '送る前に調べます', en: 'looks before anything is sent' },
    },
  ],
  run: async (context, input) => {
    const request = requestFrom(input);
    return await context.withProduct(async (product) => {
      const answer = await product.checkMessage(request);
      const code = showCheck(context, answer);
      if (!context.json) tellScore(context, answer.score);
      return code;
    });
  },
};

function requestFrom(input: CommandInput): MessageRequest {
  const file = input.argument(0);
  const template = input.option('template');
  const flags = { bulk: input.flag('bulk'), links: input.flag('links') };
  if ((file === undefined) === (template === undefined)) throw whichMail();
  if (file !== undefined) return { mail: { kind: 'file', file }, ...flags };
  const [from, subject, recipients] = [
    input.option('from'),
    input.option('subject'),
    input.option('recipients'),
  ];
  if (template === undefined || from === undefined || subject === undefined || recipients === undefined)
    throw whichMail();
  const defaults = Object.fromEntries(input.options('default').map(nameAndValue));
  const text = input.option('text') ?? null;
  return { mail: { kind: 'template', template, from, subject, recipients, text, defaults }, ...flags };
}

function whichMail(): AppError {
  return new AppError({
    code: 'usage-which-mail',
    message: {
      ja: '調べるメールを、ファイルか --template（--recipients・--from・--subject とともに）で指定してください',
      en: 'name the mail: a file, or --template with --recipients, --from and --subject',
    },
    hint: { ja: '例: todoku check message mail.eml', en: 'for example: todoku check message mail.eml' },
  });
}
