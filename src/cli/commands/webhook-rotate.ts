import type { Command } from '../command.ts';
import { unknownWebhook, webhookId } from '../webhook-text.ts';

// Long enough for a deployment on the other side, short for a secret that has leaked.
const overlapMs = 86_400_000;

/** `todoku webhook rotate`: a new secret; for a day both sign. */
export const webhookRotate: Command = {
  name: 'webhook rotate',
  summary: {
    ja: '署名の秘密を替える（1 日は両方で署名）',
    en: 'change the secret; for a day the old one signs as well',
  },
  arguments: [webhookId],
  options: [
    {
      flags: '--at-once',
      doc: {
        ja: '古い秘密をすぐに使わなくする（漏れたとき）',
        en: 'the old one signs no more: it has leaked',
      },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      const secret = await product.webhooks().rotate(id, input.flag('at-once') ? 0 : overlapMs);
      if (secret === null) throw unknownWebhook(id);
      if (context.json) context.output.printJson({ id, secret });
      else context.output.print(secret);
      return 0;
    }),
};
