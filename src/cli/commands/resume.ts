import type { Command } from '../command.ts';
import { exitCodeOf, tellResult } from '../delivery-summary.ts';
import { watchDelivery } from '../delivery-watch.ts';

/** `todoku resume`: goes on after Ctrl-C, a crash, or `send --no-wait`. */
export const resume: Command = {
  name: 'resume',
  summary: {
    ja: '中断・停止・未送信のキャンペーンの続きを送る',
    en: 'go on with every open campaign: after Ctrl-C, a crash, or send --no-wait',
  },
  options: [
    {
      flags: '--strict',
      doc: { ja: '届かなかったメールがあれば終了コード 1', en: 'exit code 1 when a mail did not arrive' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const watch = watchDelivery(context);
      const result = await product.resume(watch.port).finally(() => watch.finish());
      if (result.campaigns.length === 0 && !context.json) {
        context.output.print(
          context.say({ ja: '送信待ちのキャンペーンはありません', en: 'no campaign is open' }),
        );
        return 0;
      }
      tellResult(context, result, () => product.report(result.campaigns));
      return exitCodeOf(result, input.flag('strict'));
    }),
};
