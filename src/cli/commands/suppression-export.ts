import type { Command } from '../command.ts';

/** `todoku suppression export`: the whole list as a CSV that `suppression import` reads back. */
export const suppressionExport: Command = {
  name: 'suppression export',
  summary: {
    ja: '送信停止リストを CSV に書き出す',
    en: 'write the addresses never to send to into a CSV file',
  },
  arguments: [
    {
      name: 'file',
      doc: { ja: '書き出す CSV（あれば置き換えます）', en: 'CSV to write; replaced when there' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const file = input.argument(0) ?? '';
      const { written } = product.exportSuppressions(file);
      if (context.json) context.output.printJson({ file, written });
      else
        context.output.print(
          context.say({
            ja: `${written} 件を ${file} に書き出しました`,
            en: `written to ${file}: ${written}`,
          }),
        );
      return Promise.resolve(0);
    }),
};
