import { AppError } from '../../base/index.ts';
import type { Command } from '../command.ts';

/** `todoku cancel`: what was not sent yet never will be. */
export const cancel: Command = {
  name: 'cancel',
  summary: { ja: 'キャンペーンの未送信分を取り消す', en: 'cancel what a campaign has not sent yet' },
  arguments: [
    {
      name: 'campaign',
      doc: { ja: 'キャンペーン名（todoku ledger で確認）', en: 'its name, see todoku ledger' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const campaign = input.argument(0) ?? '';
      const answer = await product.cancel(campaign);
      if (answer === null) throw notOpen(campaign);
      const { cancelled } = answer;
      if (context.json) context.output.printJson({ campaign, cancelled });
      else
        context.output.print(
          context.say({
            ja: `${campaign}: ${cancelled} 通を取り消しました`,
            en: `${campaign}: ${cancelled} mails cancelled`,
          }),
        );
      return 0;
    }),
};

function notOpen(campaign: string): AppError {
  return new AppError({
    code: 'campaign-not-open',
    message: {
      ja: `送信中のキャンペーン ${campaign} はありません`,
      en: `there is no open campaign ${campaign}`,
    },
    hint: { ja: '`todoku ledger` で名前を確かめてください', en: '`todoku ledger` shows the names' },
  });
}
