import type { Command } from '../command.ts';
import { parseSince } from '../time-option.ts';
import { plainWebhook } from '../webhook-text.ts';

/** `todoku webhook add`: tells an endpoint of events; its secret is shown once. */
export const webhookAdd: Command = {
  name: 'webhook add',
  summary: {
    ja: 'イベントの通知先（Webhook）を登録する',
    en: 'make a webhook: an endpoint that is told of events',
  },
  arguments: [{ name: 'url', doc: { ja: 'https:// の URL', en: 'its https:// URL' } }],
  options: [
    {
      flags: '--type <type>',
      repeatable: true,
      doc: {
        ja: 'この種類だけ（message.bounced など。何度でも。省略時はすべて）',
        en: 'this type alone (message.bounced …), several times; else all',
      },
    },
    {
      flags: '--domain <name>',
      repeatable: true,
      doc: {
        ja: 'この送信元ドメインだけ（何度でも。省略時はすべて）',
        en: 'of this sending domain alone, several times; else of all',
      },
    },
    { flags: '--description <text>', doc: { ja: '人が見分けるための説明', en: 'a note for people' } },
    {
      flags: '--since <time>',
      doc: {
        ja: 'この時刻以降のイベントから（省略時は今から）',
        en: 'events from then on, such as 7d; else from now on',
      },
    },
  ],
  examples: [
    {
      line: 'todoku webhook add https://app.example.jp/todoku --type message.bounced',
      doc: { ja: '届かなかったものだけを知らせる', en: 'tells of what was refused' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const types = input.options('type');
      const domains = input.options('domain');
      const since = input.option('since');
      const made = await product.webhooks().add({
        url: input.argument(0) ?? '',
        description: input.option('description') ?? '',
        types: types.length === 0 ? null : types,
        domains: domains.length === 0 ? null : domains,
        secret: null,
        sinceMs:
          since === undefined
            ? null
            : parseSince({ option: 'since', text: since, nowMs: context.clock.now() }),
      });
      const secret = made.secrets[0]?.text ?? '';
      if (context.json) context.output.printJson({ ...plainWebhook(made), secret });
      else {
        context.output.print(secret);
        context.output.note(
          context.say({
            ja: `${made.id}。署名の秘密は二度と表示されません。\`todoku webhook test ${made.id}\` で試せます`,
            en: `${made.id}: the secret is not shown again; try it with \`todoku webhook test ${made.id}\``,
          }),
        );
      }
      return 0;
    }),
};
