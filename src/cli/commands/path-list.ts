import type { PathAccount } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import { pathStateText, rateText } from '../path-text.ts';
import { tableText } from '../table.ts';

/** `todoku path list`: what was learnt of the ways out, and which of them wait. */
export const pathList: Command = {
  name: 'path list',
  summary: {
    ja: '学習した速さや休止のある送信経路を一覧する',
    en: 'list the ways out that were slowed down or wait, with the pace learnt',
  },
  run: async (context) =>
    await context.withProduct((product) => {
      const paths = product.listPaths();
      if (context.json) context.output.printJson({ paths });
      else tell(context, paths);
      return Promise.resolve(0);
    }),
};

function tell({ output, say, language }: CommandContext, paths: readonly PathAccount[]): void {
  if (paths.length === 0) {
    output.print(
      say({
        ja: '速さの制限を学習した経路も、休んでいる経路もありません',
        en: 'no way out was ever told that it is too fast, and none waits',
      }),
    );
    return;
  }
  output.print(
    tableText({
      columns: [
        { title: say({ ja: '宛先サイト', en: 'site' }) },
        { title: say({ ja: '送信元', en: 'source' }) },
        { title: say({ ja: '速さ', en: 'pace' }), align: 'right' },
        { title: say({ ja: '状態', en: 'state' }) },
      ],
      rows: paths.map((path) => [
        path.site,
        path.source ?? '-',
        rateText(path.pace?.perSecond ?? null),
        pathStateText(path)[language],
      ]),
      widthColumns: textColumns(output.stdout),
    }),
  );
}
