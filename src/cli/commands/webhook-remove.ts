import type { Command } from '../command.ts';
import { unknownWebhook, webhookId } from '../webhook-text.ts';

/** `todoku webhook remove`: with everything it was still to be told. */
export const webhookRemove: Command = {
  name: 'webhook remove',
  summary: { ja: 'Webhook を削除する', en: 'remove a webhook' },
  arguments: [webhookId],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      if (!(await product.webhooks().remove(id))) throw unknownWebhook(id);
      if (context.json) context.output.printJson({ id, removed: true });
      else context.output.print(context.say({ ja: `${id} を削除しました`, en: `${id} is removed` }));
      return 0;
    }),
};
