import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import type { SourceAccount } from '../ports.ts';
import { tableText } from '../table.ts';

/** `todoku source list`: the sending addresses, and how far each is warmed up. */
export const sourceList: Command = {
  name: 'source list',
  summary: {
    ja: '送信元の IP アドレスと慣らしの進み具合を一覧する',
    en: 'list the sending addresses and their warm-up',
  },
  run: async (context) =>
    await context.withProduct((product) => {
      const sources = product.listSources();
      if (context.json) context.output.printJson({ sources });
      else tell(context, sources);
      return Promise.resolve(0);
    }),
};

function tell({ output, say }: CommandContext, sources: readonly SourceAccount[]): void {
  if (sources.length === 0) {
    output.print(
      say({
        ja: '設定に sources がないため、システムが送信元を選びます',
        en: 'no sources are configured: the system chooses one',
      }),
    );
    return;
  }
  const warm = say({ ja: '慣らし済み', en: 'warm' });
  const stateOf = ({ warmup }: SourceAccount): string => {
    if (warmup === null) return warm;
    const young = warmup.providers.filter(({ most }) => most !== null);
    if (young.length === 0) return warm;
    const days = young.map(({ day }) => day);
    const [low, high] = [Math.min(...days), Math.max(...days)];
    const span = low === high ? `${low}` : `${low}–${high}`;
    return say({
      ja: `慣らし中（${span} 日目、計画 ${warmup.plan}）`,
      en: `warming up (day ${span} of plan ${warmup.plan})`,
    });
  };
  output.print(
    tableText({
      columns: [
        { title: say({ ja: '送信元', en: 'source' }) },
        { title: 'EHLO' },
        { title: say({ ja: 'プール', en: 'pool' }) },
        { title: say({ ja: '状態', en: 'state' }) },
      ],
      rows: sources.map((source) => [source.ip, source.hostname, source.pool, stateOf(source)]),
      widthColumns: textColumns(output.stdout),
    }),
  );
}
