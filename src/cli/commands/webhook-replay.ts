import type { Command } from '../command.ts';
import { parseSince } from '../time-option.ts';
import { unknownWebhook, webhookId } from '../webhook-text.ts';

/** `todoku webhook replay`: what was given up, or everything from a time on, under the same ids. */
export const webhookReplay: Command = {
  name: 'webhook replay',
  summary: { ja: '断念したイベントを送り直す', en: 'send again what was given up' },
  arguments: [webhookId],
  options: [
    {
      flags: '--since <time>',
      doc: {
        ja: 'この時刻以降のすべて（届いたものも同じ id でもう一度）',
        en: 'everything from then on, also what arrived, under the same ids',
      },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const id = input.argument(0) ?? '';
      const since = input.option('since');
      const sinceMs =
        since === undefined ? null : parseSince({ option: 'since', text: since, nowMs: context.clock.now() });
      const replayed = await product.webhooks().replay(id, sinceMs);
      if (replayed === null) throw unknownWebhook(id);
      const { revived } = replayed;
      if (context.json) context.output.printJson({ id, revived });
      else if (sinceMs === null)
        context.output.print(
          context.say({ ja: `${revived} 件を送り直します`, en: `${revived} events are sent again` }),
        );
      else {
        const from = new Date(sinceMs).toISOString();
        context.output.print(
          context.say({ ja: `${from} 以降を送り直します`, en: `everything from ${from} on is sent again` }),
        );
      }
      return 0;
    }),
};
