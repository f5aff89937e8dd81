import { AppError } from '../../base/index.ts';
import { safeHtml } from '../../inbox/index.ts';
import type { CapturedMail } from '../../inbox/index.ts';
import type { Command, CommandContext } from '../command.ts';

/** `todoku inbox show ID`: header, text and files; or one of HTML, text and source as it is. */
export const inboxShow: Command = {
  name: 'inbox show',
  summary: { ja: '取り置いたメールを見る', en: 'look at captured mail' },
  arguments: [{ name: 'id', doc: { ja: 'm-… か m-….1', en: 'm-… or m-….1' } }],
  options: [
    { flags: '--html', doc: { ja: 'HTML だけ', en: 'only the HTML' } },
    { flags: '--text', doc: { ja: 'テキストだけ', en: 'only the text' } },
    { flags: '--source', doc: { ja: '送るはずだったそのまま', en: 'the source, as it would have left' } },
  ],
  examples: [
    {
      line: 'todoku inbox show m-01jd3q9k2v-7xw4m --html > mail.html',
      doc: { ja: 'ブラウザーで見るため', en: 'to look at it in a browser' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const id = input.argument(0) ?? '';
      const inbox = product.inbox();
      const [message] = inbox.find(id, null);
      if (message === undefined) throw notThere(id);
      const source = inbox.source(message);
      const mail = inbox.read(message);
      if (source === null || mail === null) throw notThere(id);
      if (input.flag('source')) context.output.print(source.toString('utf8').trimEnd());
      else if (input.flag('html')) return printed(context, safeHtml(mail));
      else if (input.flag('text')) return printed(context, mail.text);
      else if (context.json) context.output.printJson(plain(message.id, mail));
      else tell(context, mail);
      return Promise.resolve(0);
    }),
};

/** 1: there is none. */
async function printed(context: CommandContext, text: string | null): Promise<number> {
  if (text !== null) context.output.print(text.trimEnd());
  return await Promise.resolve(text === null ? 1 : 0);
}

function plain(id: string, { headers, html, text, files }: CapturedMail): unknown {
  const attachments = files.map(({ content, ...file }) => ({ ...file, octets: content.length }));
  return { id, headers, html, text, attachments };
}

function tell({ output, say }: CommandContext, { headers, html, text, files }: CapturedMail): void {
  for (const { name, value } of headers) output.print(`${name}: ${shown(value)}`);
  output.print('');
  const only = say({ ja: '(HTML だけのメール。--html で見られます)', en: '(HTML only: see --html)' });
  output.print(
    text === null ? (html === null ? '' : only) : text.split('\n').map(shown).join('\n').trimEnd(),
  );
  for (const { filename, contentType, content } of files)
    output.print(`\n[${filename}] ${contentType}, ${content.length} ${say({ ja: 'バイト', en: 'octets' })}`);
}

/** Controls of a stranger's mail could move the cursor of a terminal. */
function shown(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function notThere(id: string): AppError {
  const name = JSON.stringify(id.slice(0, 80));
  return new AppError({
    code: 'inbox-not-there',
    message: {
      ja: `${name} は取り置いたメールにありません`,
      en: `${name} is no captured mail, or its content is no longer kept`,
    },
    hint: { ja: '`todoku inbox list` で確かめてください', en: '`todoku inbox list` shows what there is' },
  });
}
