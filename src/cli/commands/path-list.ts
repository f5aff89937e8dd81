import type { PathAccount } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { cutToWidth } from '../display-width.ts';
import { textColumns } from '../output.ts';
import { pathStateText, rateText } from '../path-text.ts';
import type { StopInForce } from '../ports.ts';
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
      const stops = product.stopsInForce();
      if (context.json) context.output.printJson({ paths, stops });
      else {
        tell(context, paths);
        tellStops(context, stops);
      }
      return Promise.resolve(0);
    }),
};

function tellStops({ output, say }: CommandContext, stops: readonly StopInForce[]): void {
  if (stops.length === 0) return;
  output.print(say({ ja: '\n応答を受けて止めているもの:', en: '\nstopped because of replies:' }));
  const columns = textColumns(output.stdout);
  for (const { campaign, domain, source, site, until, meaning, detail } of stops) {
    const place = campaign ?? domain ?? [source, site].filter((part) => part !== null).join(' → ');
    const end = new Date(until).toLocaleString('sv-SE');
    const text = {
      ja: `${place}  ${end} まで  ${meaning.ja}（${detail}）`,
      en: `${place}  until ${end}  ${meaning.en} (${detail})`,
    };
    output.print(cutToWidth(say(text), columns));
  }
}

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
