import type { CommandContext } from './command.ts';
import { textColumns } from './output.ts';
import type { ListingHistory } from './check-ports.ts';
import type { Product } from './ports.ts';
import { tableText } from './table.ts';

/** Shows what the watch of block lists saw; gives the exit code: 1 when something is listed now. */
export function showListingHistory(
  context: CommandContext,
  product: Pick<Product, 'listingHistory'>,
  subjects: readonly string[],
): number {
  const histories = (subjects.length === 0 ? [null] : subjects).map((each) => product.listingHistory(each));
  const asked = histories
    .flatMap((history) => history.asked ?? [])
    .toSorted()
    .at(-1);
  const whole = {
    asked: asked ?? null,
    listed: histories.flatMap(({ listed }) => listed),
    events: histories.flatMap(({ events }) => events).toSorted((a, b) => b.at.localeCompare(a.at)),
  };
  if (context.json) context.output.printJson(whole);
  else tell(context, whole);
  return whole.listed.length > 0 ? 1 : 0;
}

function tell(context: CommandContext, { asked, listed, events }: ListingHistory): void {
  const { output, say } = context;
  if (asked === null) {
    output.print(
      say({
        ja: 'まだ見張っていません（`todoku serve` が blocklists.every ごとに調べます）',
        en: 'nothing was watched yet: `todoku serve` does, each blocklists.every',
      }),
    );
    return;
  }
  output.print(`${say({ ja: '最後の確認', en: 'last look' })}: ${timeText(asked)}`);
  if (listed.length === 0) output.print(say({ ja: '登録はありません', en: 'no list has any of them' }));
  else output.print(`\n${say({ ja: '登録中', en: 'listed now' })}\n${listedTable(context, listed)}`);
  if (events.length > 0)
    output.print(`\n${say({ ja: 'これまでの変化', en: 'what changed' })}\n${eventTable(context, events)}`);
}

function listedTable({ output, say }: CommandContext, listed: ListingHistory['listed']): string {
  return tableText({
    columns: [
      { title: say({ ja: '対象', en: 'subject' }) },
      { title: say({ ja: 'リスト', en: 'list' }) },
      { title: say({ ja: '答え', en: 'answer' }) },
      { title: say({ ja: '登録日時', en: 'since' }) },
    ],
    rows: listed.map(({ subject, list, answer, since }) => [subject, list, answer, timeText(since)]),
    widthColumns: textColumns(output.stdout),
  });
}

function eventTable({ output, say }: CommandContext, events: ListingHistory['events']): string {
  const changes = {
    listed: say({ ja: '登録', en: 'listed' }),
    delisted: say({ ja: '解除', en: 'delisted' }),
  };
  return tableText({
    columns: [
      { title: say({ ja: '日時', en: 'when' }) },
      { title: say({ ja: '対象', en: 'subject' }) },
      { title: say({ ja: '変化', en: 'change' }) },
      { title: say({ ja: 'リスト', en: 'list' }) },
      { title: say({ ja: '答え', en: 'answer' }) },
    ],
    rows: events.map((each) => [
      timeText(each.at),
      each.subject,
      changes[each.change],
      each.list,
      each.answer,
    ]),
    widthColumns: textColumns(output.stdout),
  });
}

/** In the time of this machine. */
function timeText(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}
