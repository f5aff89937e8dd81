import type { Command } from '../command.ts';
import { barText, createProgress } from '../progress.ts';
import { rejectedLines } from '../rejected-rows.ts';

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;
const barColumns = 30;

/** `todoku suppression import`: takes over a list of addresses never to send to. */
export const suppressionImport: Command = {
  name: 'suppression import',
  summary: {
    ja: '送信停止リストを CSV から取り込む',
    en: 'take over a list of addresses never to send to from a CSV file',
  },
  arguments: [
    {
      name: 'file',
      doc: {
        ja: 'CSV（1 行目は見出し。email の列が必要、reason・at・until・scope・list・note の列は任意）',
        en: 'CSV with a header row: a column email, and reason, at, until, scope, list, note when there',
      },
    },
  ],
  examples: [
    {
      line: 'todoku suppression import old-system.csv',
      doc: { ja: '以前のシステムの停止リストを引き継ぎます', en: 'carries over the list of another system' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const { say, output, clock } = context;
      const progress = context.json ? null : createProgress({ stream: output.stderr, clock, plainEveryMs });
      const importing = (read: number, total: number, rows: number): void =>
        progress?.update(() => [
          `${say({ ja: '取り込み', en: 'importing' })} ${barText(read / Math.max(1, total), barColumns)} ${rows}`,
        ]);
      const { summary, rejected } = await product
        .importSuppressions(input.argument(0) ?? '', { signal: context.interruption(), importing })
        .finally(() => progress?.finish());
      const { added, accepted, rejected: leftOut, duplicates } = summary;
      if (context.json) output.printJson({ added, known: accepted - added, rejected: leftOut, duplicates });
      else {
        for (const line of rejectedLines(context, rejected)) output.note(line);
        output.print(
          say({
            ja: `${added} 件を送信停止にしました（登録済み ${accepted - added}、除外 ${leftOut}、重複 ${duplicates}）`,
            en: `newly suppressed: ${added} (known already: ${accepted - added}, left out: ${leftOut}, duplicates: ${duplicates})`,
          }),
        );
      }
      return leftOut > 0 ? 1 : 0;
    }),
};
