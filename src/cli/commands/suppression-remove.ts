import type { Command } from '../command.ts';
import { scopeOptions, targetOf } from '../suppression-target.ts';

/** `todoku suppression remove`: lifts all reasons of an address, or those of one scope; the lifting stays on record. */
export const suppressionRemove: Command = {
  name: 'suppression remove',
  summary: { ja: '送信停止を理由を残して解除する', en: 'lift the suppression of an address, with a reason' },
  arguments: [{ name: 'address', doc: { ja: 'アドレスかドメイン', en: 'address or domain' } }],
  options: [
    {
      flags: '--because <text>',
      required: true,
      doc: { ja: '解除する理由（記録に残ります）', en: 'why; it stays on record' },
    },
    ...scopeOptions,
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const address = input.argument(0) ?? '';
      const because = input.required('because');
      const isNarrow = input.option('scope') !== undefined || input.option('list') !== undefined;
      const { scope, list } = targetOf(input);
      const lifted = await product.liftSuppressions(
        { address, reason: null, because, source: 'cli', atMs: context.clock.now() },
        isNarrow ? { scope, ...(list === null ? {} : { list }) } : {},
      );
      if (context.json) context.output.printJson({ removed: lifted.length });
      else if (lifted.length === 0)
        context.output.print(
          context.say({ ja: `${address} は送信停止ではありません`, en: `${address} is not suppressed` }),
        );
      else
        context.output.print(
          context.say({ ja: `${address} の送信停止を解除しました`, en: `${address} may be sent to again` }),
        );
      return lifted.length === 0 ? 1 : 0;
    }),
};
