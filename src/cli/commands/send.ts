import { AppError } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { CommandInput } from '../command-input.ts';
import { watchDelivery } from '../delivery-watch.ts';
import { exitCodeOf, tellResult } from '../delivery-summary.ts';
import { nameAndValue } from '../name-and-value.ts';
import type { SendRequest } from '../ports.ts';
import { sendingFrom, sendingOptions } from '../sending-options.ts';

/** `todoku send`: a campaign from the command line. */
export const send: Command = {
  name: 'send',
  summary: {
    ja: 'CSV の宛先へメールを一斉送信し、すべての結果が出るまで見届ける',
    en: 'send a campaign to the recipients of a CSV file and stay until every outcome is known',
  },
  options: [
    {
      flags: '--from <mailbox>',
      required: true,
      doc: {
        ja: '差出人（例: "届く商店 <news@example.jp>"）',
        en: 'sender, e.g. "The Shop <news@example.jp>"',
      },
    },
    {
      flags: '--subject <template>',
      required: true,
      doc: { ja: '件名（Liquid が使えます）', en: 'subject; Liquid is allowed' },
    },
    {
      flags: '--template <file>',
      required: true,
      doc: {
        ja: '本文のテンプレート（HTML。.mjml なら MJML、.txt ならテキスト）',
        en: 'template of the body: HTML, MJML (.mjml) or text (.txt)',
      },
    },
    {
      flags: '--recipients <file>',
      required: true,
      doc: {
        ja: '宛先の CSV（1 行目は見出し。email かメールアドレスの列が必要）',
        en: 'CSV of recipients; a header row with a column email',
      },
    },
    {
      flags: '--text <file>',
      doc: {
        ja: 'テキスト版のテンプレート（省略時は HTML から作成）',
        en: 'template of the text part; made from the HTML when left out',
      },
    },
    { flags: '--reply-to <mailbox>', doc: { ja: '返信先', en: 'where replies go' } },
    {
      flags: '--domain <name>',
      doc: {
        ja: '署名と返送先に使うドメイン（省略時は差出人のドメイン）',
        en: 'domain that signs and takes bounces; that of --from when left out',
      },
    },
    {
      flags: '--require-tls',
      doc: {
        ja: '最後まで検証済みの TLS で運べる宛先にだけ送る（REQUIRETLS）。運べなければ戻る',
        en: 'only over proven TLS all the way (REQUIRETLS); else it bounces',
      },
    },
    {
      flags: '--list <name>',
      doc: {
        ja: '配信リストの名前（そのリストだけ配信停止した人には送りません）',
        en: 'name of the list: who left only that list gets nothing',
      },
    },
    ...sendingOptions,
    {
      flags: '--default <name=value>',
      repeatable: true,
      doc: {
        ja: '宛先に値がないときの既定値（何度でも）',
        en: 'value of a variable that a recipient lacks; may be repeated',
      },
    },
    {
      flags: '--rejected <file>',
      doc: {
        ja: '除外した行を理由つきでこの CSV に書き出す',
        en: 'write the rows that were left out, with reasons, to this CSV',
      },
    },
    {
      flags: '--no-wait',
      doc: {
        ja: '受け付けだけして送らない（送信は todoku resume）',
        en: 'store only; `todoku resume` sends',
      },
    },
    {
      flags: '--strict',
      doc: { ja: '届かなかったメールがあれば終了コード 1', en: 'exit code 1 when a mail did not arrive' },
    },
  ],
  examples: [
    {
      line: 'todoku send --from "届く商店 <news@example.jp>" --subject "{{ 氏名 }}様へ" --template news.html --recipients list.csv',
      doc: { ja: 'HTML のニュースレターを送ります', en: 'sends an HTML newsletter' },
    },
    {
      line: 'todoku send … --window 09:00-20:00 --timezone Asia/Tokyo',
      doc: { ja: '日本の日中だけ送ります', en: 'only in the daytime of Japan' },
    },
  ],
  run: async (context, input) => {
    const request = requestFrom(input);
    return await context.withProduct(async (product) => {
      const watch = watchDelivery(context);
      const result = await product.send(request, watch.port).finally(() => watch.finish());
      tellResult(context, result, () => product.report(result.campaigns));
      if (!request.deliver && result.waiting > 0 && !context.json)
        context.output.print(stored(context, result.handedOver));
      return exitCodeOf(result, input.flag('strict'));
    });
  },
};

function stored(context: CommandContext, handedOver: boolean): string {
  return context.say(
    handedOver
      ? {
          ja: '受け付けました。動作中の `todoku serve` が送信します',
          en: 'stored; the running `todoku serve` sends it',
        }
      : { ja: '受け付けました。`todoku resume` で送信します', en: 'stored; `todoku resume` sends it' },
  );
}

function requestFrom(input: CommandInput): SendRequest {
  if (input.required('subject').trim() === '') throw emptySubject();
  return {
    from: input.required('from'),
    replyTo: input.option('reply-to') ?? null,
    subject: input.required('subject'),
    template: input.required('template'),
    text: input.option('text') ?? null,
    recipients: input.required('recipients'),
    domain: input.option('domain')?.toLowerCase() ?? null,
    list: input.option('list') ?? null,
    requireTls: input.flag('require-tls'),
    ...sendingFrom(input),
    defaults: Object.fromEntries(input.options('default').map(nameAndValue)),
    rejected: input.option('rejected') ?? null,
    deliver: !input.flag('no-wait'),
  };
}

/** Nearly always an unset variable in a script. */
function emptySubject(): AppError {
  return new AppError({
    code: 'usage-empty-subject',
    message: { ja: '--subject が空です', en: '--subject is empty' },
    hint: { ja: '件名を指定してください', en: 'give the mail a subject' },
  });
}
