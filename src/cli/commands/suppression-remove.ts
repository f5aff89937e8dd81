import type { Command } from '../command.ts';

/** `todoku suppression remove`: lifts all reasons of an address; the lifting stays on record. */
export const suppressionRemove: Command = {
  name: 'suppression remove',
  summary: { ja: '送信停止を理由を残して解除する', en: 'lift the suppression of an address, with a reason' },
  arguments: [{ name: 'address', doc: { ja: 'アドレス', en: 'address' } }],
  options: [
    {
      flags: '--because <text>',
      required: true,
      doc: { ja: '解除する理由（記録に残ります）', en: 'why; it stays on record' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const address = input.argument(0) ?? '';
      const because = input.required('because');
      const lifted = product
        .suppressions('remove')
        .remove({ address, reason: null, because, source: 'cli', atMs: context.clock.now() });
      if (context.json) context.output.printJson({ removed: lifted.length });
      else if (lifted.length === 0)
        context.output.print(
          context.say({ ja: `${address} は送信停止ではありません`, en: `${address} is not suppressed` }),
        );
      else
        context.output.print(
          context.say({ ja: `${address} の送信停止を解除しました`, en: `${address} may be sent to again` }),
        );
      return Promise.resolve(lifted.length === 0 ? 1 : 0);
    }),
};
