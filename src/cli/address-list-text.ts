import type { Finding, Severity } from '../findings/index.ts';
import { severityMarks } from './check-answer.ts';
import type { CommandContext } from './command.ts';
import { grouped } from './number-text.ts';
import { textColumns } from './output.ts';
import type { AddressListAnswer } from './check-ports.ts';
import { tableText } from './table.ts';

/** Shows what a list is like: numbers by finding with examples; `written`: the file that has all of it. */
export function tellAddressList(
  context: CommandContext,
  answer: AddressListAnswer,
  written: string | null,
): void {
  const { output, say } = context;
  const { subject, rows, addresses, duplicates, unreadable, summary } = answer;
  const [all, each, twice, broken] = [rows, addresses, duplicates, unreadable].map(grouped);
  output.print(
    say({
      ja: `${subject}: ${all} 行（アドレス ${each}、重複 ${twice}、読めない行 ${broken}）`,
      en: `${subject}: ${all} rows (${each} addresses, ${twice} twice, ${broken} unreadable)`,
    }),
  );
  const kinds = kindsOf(answer.examples);
  if (kinds.length > 0) output.print(`\n${tableOf(context, kinds, answer)}`);
  const [problem, warning, rest] = [summary.problem, summary.warning, summary.info + summary.ok].map(grouped);
  output.print('');
  output.print(
    say({
      ja: `問題のあるアドレス ${problem} · 注意 ${warning} · 問題なし ${rest}`,
      en: `addresses with problems ${problem} · with warnings ${warning} · in order ${rest}`,
    }),
  );
  if (written !== null)
    output.print(say({ ja: `詳細を ${written} に書きました`, en: `all of it is in ${written}` }));
  else if (kinds.length > 0)
    output.print(
      say({
        ja: 'すべての行を見るには --write FILE.csv を付けてください',
        en: '--write FILE.csv gives every row',
      }),
    );
}

const order = ['problem', 'warning', 'info', 'ok'] as const satisfies readonly Severity[];

/** The findings by what they are, in the order of their weight. */
function kindsOf(findings: readonly Finding[]): readonly (readonly Finding[])[] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const same = kinds.get(finding.id);
    if (same === undefined) kinds.set(finding.id, [finding]);
    else same.push(finding);
  }
  const weight = ([first]: readonly Finding[]): number =>
    first === undefined ? 0 : order.indexOf(first.severity);
  return [...kinds.values()].toSorted((one, other) => weight(one) - weight(other));
}

function tableOf(
  { output, say, language }: CommandContext,
  kinds: readonly (readonly Finding[])[],
  { counts }: AddressListAnswer,
): string {
  const [finding, count, example] = [
    say({ ja: '分かったこと', en: 'what was found' }),
    say({ ja: '件数', en: 'addresses' }),
    say({ ja: '例', en: 'such as' }),
  ];
  return tableText({
    columns: [{ title: finding ?? '' }, { title: count ?? '', align: 'right' }, { title: example ?? '' }],
    rows: kinds.flatMap((examples) => {
      const [first] = examples;
      if (first === undefined) return [];
      const title = `${severityMarks[first.severity]} ${first.advice[language].title}`;
      return [[title, grouped(counts[first.id] ?? 0), examples.map(({ subject }) => subject).join(' ')]];
    }),
    widthColumns: textColumns(output.stdout),
  });
}
