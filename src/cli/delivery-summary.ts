import type { CommandContext } from './command.ts';
import type { DeliveryReport, DeliveryResult } from './ports.ts';
import { partyNames, stateNames } from './state-names.ts';
import { tableText } from './table.ts';

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
  if (reasons.length > 0) output.print(`\n${reasonTable(context, reasons)}`);
  output.print(`\n${lastLine(context, result)}`);
  if (result.interrupted) output.print(interruptedLine(context));
}

export function exitCodeOf(result: DeliveryResult, strict: boolean): number {
  if (result.interrupted) return interruptedExitCode;
  return strict && result.bounced + result.expired > 0 ? 1 : 0;
}

function providerTable({ say }: CommandContext, providers: DeliveryReport['providers']): string {
  const states = Object.entries(stateNames).filter(([state]) =>
    providers.some((row) => valueOf(row, state) > 0),
  );
  return tableText({
    columns: [
      { title: say({ ja: 'プロバイダー', en: 'provider' }) },
      { title: say({ ja: '受付', en: 'accepted' }), align: 'right' },
      ...states.map(([, name]) => ({ title: say(name), align: 'right' as const })),
    ],
    rows: providers.map((row) => [
      say(row.provider),
      String(row.accepted),
      ...states.map(([state]) => String(valueOf(row, state))),
    ]),
  });
}

function valueOf(row: DeliveryReport['providers'][number], state: string): number {
  const value = Object.entries(row).find(([key]) => key === state)?.[1];
  return typeof value === 'number' ? value : 0;
}

function reasonTable({ say }: CommandContext, reasons: DeliveryReport['reasons']): string {
  return tableText({
    columns: [
      { title: say({ ja: '届かなかった・待っている理由', en: 'why mails did not arrive, or wait' }) },
      { title: say({ ja: '件数', en: 'mails' }), align: 'right' },
      { title: say({ ja: '状態', en: 'state' }) },
      { title: say({ ja: '対応する人', en: 'whose turn' }) },
      { title: say({ ja: '例', en: 'example' }) },
    ],
    rows: reasons.map((reason) => [
      say(reason.title),
      String(reason.count),
      say(stateNames[reason.state]),
      say(partyNames[reason.party] ?? { ja: reason.party, en: reason.party }),
      reason.example,
    ]),
  });
}

function lastLine({ say }: CommandContext, result: DeliveryResult): string {
  const { accepted, delivered, bounced, waiting, seconds, perSecond } = result;
  return say({
    ja: `受付 ${accepted} = 配信済み ${delivered} + 不達 ${bounced} + その他 ${accepted - delivered - bounced - waiting} + 待機中 ${waiting}（${seconds} 秒、${perSecond} 通/秒）`,
    en: `${accepted} accepted = ${delivered} delivered + ${bounced} bounced + ${accepted - delivered - bounced - waiting} other ends + ${waiting} waiting (${seconds} s, ${perSecond}/s)`,
  });
}

function interruptedLine({ say }: CommandContext): string {
  return say({
    ja: '中断しました。続きは `todoku resume`（同じ --config と --data で）',
    en: 'interrupted; `todoku resume` goes on (with the same --config and --data)',
  });
}
