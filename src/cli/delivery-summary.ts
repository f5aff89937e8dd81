import type { Language } from '../base/index.ts';
import type { MessageState } from '../events/index.ts';
import type { CommandContext } from './command.ts';
import { displayWidth } from './display-width.ts';
import { grouped } from './number-text.ts';
import type { DeliveryReport, DeliveryResult } from './ports.ts';
import { partyTitles, stateNames } from './state-names.ts';
import { tableText } from './table.ts';
import type { Column } from './table.ts';

/** 128 + SIGINT, as a shell expects of a command that Ctrl-C ended. */
const interruptedExitCode = 130;

/** Prints the answer of `send` or `resume`: one JSON document, or a table by provider and the reasons in words. */
export function tellResult(
  context: CommandContext,
  result: DeliveryResult,
  report: () => DeliveryReport,
): void {
  if (context.json) {
    context.output.printJson(result);
    return;
  }
  const { output } = context;
  const { providers, reasons } = report();
  output.print('');
  output.print(providerTable(context, providers));
  if (reasons.length > 0) output.print(`\n${reasonTable(context, result, reasons)}`);
  output.print(`\n${lastLine(context, result)}`);
  if (result.interrupted)
    output.print(result.handedOver ? handedOverLine(context) : interruptedLine(context));
}

export function exitCodeOf(result: DeliveryResult, strict: boolean): number {
  if (result.interrupted) return interruptedExitCode;
  return strict && result.bounced + result.expired > 0 ? 1 : 0;
}

function providerTable({ say }: CommandContext, providers: DeliveryReport['providers']): string {
  const states = statesWith((state) => providers.some((row) => row[state] > 0));
  const numbers = (rows: DeliveryReport['providers']): readonly string[] => [
    grouped(rows.reduce((sum, row) => sum + row.accepted, 0)),
    ...states.map((state) => grouped(rows.reduce((sum, row) => sum + row[state], 0))),
  ];
  return tableText({
    columns: [
      { title: say({ ja: 'プロバイダー', en: 'provider' }) },
      { title: say({ ja: '受付', en: 'accepted' }), align: 'right' },
      ...states.map((state) => ({ title: say(stateNames[state]), align: 'right' as const })),
    ],
    rows: [
      ...providers.map((row) => [say(row.provider), ...numbers([row])]),
      ...(providers.length > 1 ? [[say({ ja: '合計', en: 'total' }), ...numbers(providers)]] : []),
    ],
  });
}

function statesWith(has: (state: MessageState) => boolean): readonly MessageState[] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys of a complete record of MessageState
  return (Object.keys(stateNames) as MessageState[]).filter(has);
}

type Reasons = DeliveryReport['reasons'];

/** A page of reasons; the rest in one line, so that the numbers add up. */
function reasonTable(context: CommandContext, result: DeliveryResult, reasons: Reasons): string {
  const { say, output } = context;
  const { accepted, delivered, waiting } = result;
  const told = reasons.reduce((sum, { state, count }) => sum + (state === 'waiting' ? 0 : count), 0);
  const others = accepted - delivered - waiting - told;
  const columns: readonly Column[] = [
    { title: say({ ja: '通', en: 'mails' }), align: 'right' },
    { title: say({ ja: '届かなかった、または待っている理由', en: 'why they did not arrive, or wait' }) },
    { title: say({ ja: '対応する人', en: 'whose turn' }) },
    { title: say({ ja: '例', en: 'example' }) },
  ];
  const rows = reasons.map((reason) => [
    grouped(reason.count),
    reasonText(context, reason),
    say(partyTitles[reason.party] ?? { ja: reason.party, en: reason.party }),
    reason.example,
  ]);
  if (others > 0) rows.push([grouped(others), say({ ja: 'その他の理由', en: 'other reasons' })]);
  const full = tableText({ columns, rows });
  const width = Math.max(...full.split('\n').map(displayWidth));
  const fits = output.stdout.columns === undefined || width <= output.stdout.columns;
  return fits ? full : tableText({ columns: columns.slice(0, -1), rows });
}

function reasonText({ say }: CommandContext, { title, state }: Reasons[number]): string {
  const name = stateNames[state];
  // A bounce is what people expect in this table; whatever else it is stands beside the reason.
  if (state === 'bounced') return say(title);
  return say({ ja: `${title.ja}（${name.ja}）`, en: `${title.en} (${name.en})` });
}

function lastLine({ say }: CommandContext, result: DeliveryResult): string {
  const states = statesWith((state) => result[state] > 0 || state === 'delivered');
  const sum = (language: Language): string =>
    states.map((state) => `${stateNames[state][language]} ${grouped(result[state])}`).join(' + ');
  const seconds = result.seconds.toFixed(1);
  const rate = grouped(result.perSecond);
  const pace = { ja: `${seconds} 秒、平均 ${rate} 通/秒`, en: `${seconds} s, ${rate}/s on average` };
  const accepted = grouped(result.accepted);
  if (result.seconds === 0)
    return say({ ja: `受付 ${accepted} = ${sum('ja')}`, en: `accepted ${accepted} = ${sum('en')}` });
  return say({
    ja: `受付 ${accepted} = ${sum('ja')}（${pace.ja}）`,
    en: `accepted ${accepted} = ${sum('en')} (${pace.en})`,
  });
}

function interruptedLine({ say }: CommandContext): string {
  return say({
    ja: '中断しました。続きは `todoku resume`（同じ --config と --data で）',
    en: 'interrupted; `todoku resume` goes on (with the same --config and --data)',
  });
}

function handedOverLine({ say }: CommandContext): string {
  return say({
    ja: '残りは `todoku serve` が送信を続けます（終わるまで見るには `todoku resume`、取り消すには `todoku cancel`）',
    en: '`todoku serve` goes on with the rest (`todoku resume` shows it to the end, `todoku cancel` cancels it)',
  });
}
