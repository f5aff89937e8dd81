import type { Command } from '../command.ts';
import { unknownWebhook, webhookId } from '../webhook-text.ts';

/** `todoku webhook test`: one request now, and what was answered. */
export const webhookTest: Command = {
  name: 'webhook test',
  summary: { ja: '試しに 1 件送り、応答を見る', en: 'send a test event and show the answer' },
  arguments: [webhookId],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      const posted = await product.webhooks().test(id);
      if (posted === null) throw unknownWebhook(id);
      const { ok, status, said } = posted;
      if (context.json) context.output.printJson({ id, ok, status, said });
      else context.output.print(said);
      return ok ? 0 : 1;
    }),
};
