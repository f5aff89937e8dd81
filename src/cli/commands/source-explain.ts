import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import type { SourceAccount } from '../ports.ts';
import { sourceNamed, standingText } from '../source-text.ts';
import { tableText } from '../table.ts';

/** `todoku source explain IP`: where the source stands with each provider, and why. */
export const sourceExplain: Command = {
  name: 'source explain',
  summary: {
    ja: '送信元の慣らしの計画と、プロバイダーごとの現在地・理由を示す',
    en: 'show the warm-up plan of a sending address, where it stands with each provider, and why',
  },
  arguments: [{ name: 'ip', doc: { ja: '設定の sources にある IP アドレス', en: 'an address of sources' } }],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const source = sourceNamed(product.listSources(), input.argument(0) ?? '');
      if (context.json) context.output.printJson(source);
      else tell(context, source);
      return Promise.resolve(0);
    }),
};

function tell({ output, say }: CommandContext, { ip, hostname, pool, warmup }: SourceAccount): void {
  output.print(`${ip}  ${hostname}  (${say({ ja: `プール ${pool}`, en: `pool ${pool}` })})`);
  if (warmup === null) {
    output.print(
      say({
        ja: '慣らしの設定はありません（慣らし済みとして使います）',
        en: 'no warm-up is configured: it is used as a warm one',
      }),
    );
    return;
  }
  output.print(
    say({
      ja: `計画 ${warmup.plan}、開始 ${warmup.start}（UTC）`,
      en: `plan ${warmup.plan}, from ${warmup.start} (UTC)`,
    }),
  );
  output.print(
    tableText({
      columns: [
        { title: say({ ja: 'プロバイダー', en: 'provider' }) },
        { title: say({ ja: '段階', en: 'day' }), align: 'right' },
        { title: say({ ja: '今日', en: 'today' }), align: 'right' },
        { title: say({ ja: '上限', en: 'most' }), align: 'right' },
        { title: say({ ja: '悪い兆候', en: 'bad' }), align: 'right' },
        { title: say({ ja: '理由', en: 'because' }) },
      ],
      rows: warmup.providers.map((standing) => [
        standing.provider ?? say({ ja: 'その他', en: 'others' }),
        `${standing.day}/${standing.of}`,
        String(standing.sentToday),
        standing.most === null ? '-' : String(standing.most),
        String(standing.badToday),
        say(standingText(standing)),
      ]),
      widthColumns: textColumns(output.stdout),
    }),
  );
}
