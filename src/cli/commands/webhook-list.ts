import type { Command } from '../command.ts';
import { plainWebhook, webhookLine } from '../webhook-text.ts';

/** `todoku webhook list`: every webhook and how it is. */
export const webhookList: Command = {
  name: 'webhook list',
  summary: { ja: 'Webhook と、その状態を一覧する', en: 'list the webhooks and how they are' },
  run: async (context) =>
    await context.withProduct((product) => {
      const found = product.webhooks().list();
      if (context.json) context.output.printJson(found.map(plainWebhook));
      else if (found.length === 0)
        context.output.print(
          context.say({
            ja: 'Webhook はありません。`todoku webhook add URL` で登録できます',
            en: 'there is no webhook: `todoku webhook add URL` makes one',
          }),
        );
      else for (const each of found) context.output.print(webhookLine(context, each));
      return Promise.resolve(0);
    }),
};
