import type { Command } from '../command.ts';
import { unknownWebhook, webhookId } from '../webhook-text.ts';

/** `todoku webhook resume`: ends a pause before its time. */
export const webhookResume: Command = {
  name: 'webhook resume',
  summary: { ja: '休止中の Webhook に今すぐ送る', en: 'end the pause of a webhook: go on at once' },
  arguments: [webhookId],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      const resumed = await product.webhooks().resume(id);
      if (resumed === null) throw unknownWebhook(id);
      if (context.json) context.output.printJson({ id, resumed });
      else
        context.output.print(
          resumed
            ? context.say({ ja: `${id} の休止を終えました`, en: `the pause of ${id} is over` })
            : context.say({ ja: `${id} は休止していません`, en: `${id} is not paused` }),
        );
      return 0;
    }),
};
