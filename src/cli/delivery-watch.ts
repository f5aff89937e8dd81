import type { Bilingual } from '../base/index.ts';
import type { ImportSummary, RejectedRow } from '../contacts/index.ts';
import type { CommandContext } from './command.ts';
import { cutToWidth, padToWidth } from './display-width.ts';
import { grouped } from './number-text.ts';
import type { DeliveryProgress, DeliveryWatch } from './ports.ts';
import { barText, createProgress } from './progress.ts';
import { placeText, rejectedLines } from './rejected-rows.ts';
import { textColumns } from './output.ts';
import { wrapText } from './wrap-text.ts';

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;
const barColumns = 24;

/** Shows import and delivery as they go, on standard error; silent with `--json`. */
export function watchDelivery(context: CommandContext): { readonly port: DeliveryWatch; finish(): void } {
  const { say, clock, output } = context;
  const signal = context.interruption();
  const quiet = { importing: nothing, imported: nothing, delivering: nothing };
  if (context.json) {
    const remark: DeliveryWatch['remark'] = (text) => output.note(`todoku: ${say(text)}`);
    return { port: { ...quiet, signal, remark }, finish: nothing };
  }
  const progress = createProgress({ stream: output.stderr, clock, plainEveryMs });
  const wrapping = { columns: textColumns(output.stderr), first: '  ', rest: '    ' };
  // A log gets one line at a time; the table by provider comes at the end.
  const isLive = output.stderr.isTTY === true;
  let last: DeliveryProgress | null = null;
  const port: DeliveryWatch = {
    signal,
    importing(read, total, rows) {
      progress.update(() => [
        `${say({ ja: '取り込み', en: 'importing' })} ${barText(read / Math.max(1, total), barColumns)} ${grouped(rows)}`,
      ]);
    },
    imported(summary, examples) {
      progress.update(() => []);
      for (const line of importLines(context, summary, examples)) progress.note(line);
    },
    delivering(state) {
      if (state.total === 0) return; // nothing to send: no bar of nothing
      last = state;
      progress.update(() => [headLine(context, state), ...(isLive ? providerLines(context, state) : [])]);
    },
    remark: (text) => progress.note(wrapText(say(text), wrapping)),
  };
  const finish = (): void => {
    const state = last;
    // What stays on the screen: the table that follows has the providers.
    progress.update(() => (state === null ? [] : [headLine(context, state)]));
    progress.finish();
  };
  return { port, finish };
}

function nothing(): void {
  // Nobody looks.
}

function importLines(
  context: CommandContext,
  summary: ImportSummary,
  examples: readonly RejectedRow[],
): readonly string[] {
  const { say } = context;
  const { accepted, rejected, duplicates, encoding, normalised } = summary;
  const parts: readonly (readonly [number, Bilingual])[] = [
    [rejected, { ja: `除外 ${grouped(rejected)}`, en: `${grouped(rejected)} left out` }],
    [duplicates, { ja: `重複 ${grouped(duplicates)}`, en: `${grouped(duplicates)} duplicates` }],
    [
      normalised.count,
      { ja: `表記を整えた ${grouped(normalised.count)}`, en: `${grouped(normalised.count)} normalised` },
    ],
  ];
  const aside = [
    encoding.toUpperCase(),
    ...parts.filter(([count]) => count > 0).map(([, text]) => say(text)),
  ];
  const head = say({
    ja: `宛先 ${grouped(accepted)} 件を受け付けました（${aside.join('、')}）`,
    en: `${grouped(accepted)} recipients accepted (${aside.join(', ')})`,
  });
  const left = rejectedLines(context, examples);
  const changed = normalised.examples
    .slice(0, 3)
    .map(({ line, from, to }) => `  ${placeText(say, line)}: ${from} → ${to}`);
  return [head, ...left, ...changed];
}

// "Gmail / Google Workspace" and "ソフトバンク / Y!mobile" fit; six digits and a comma for the numbers.
const nameColumns = 26;
const numberColumns = 9;

/** `配信 [#####.....]  62 %  3,124 / 5,000 通  720 通/秒`. */
function headLine({ say }: CommandContext, { total, done, seconds, providers }: DeliveryProgress): string {
  const share = done / Math.max(1, total);
  const percent = `${Math.floor(share * 100)}`.padStart(3);
  const rate = grouped(seconds > 0 ? Math.round(done / seconds) : 0);
  const resting = share > restingShare && done < total && providers.every((each) => each.perSecond === 0);
  const left = grouped(total - done);
  const pace = resting
    ? say({ ja: `残り ${left} 通は再送待ち`, en: `${left} wait for another try` })
    : say({ ja: `平均 ${rate} 通/秒`, en: `${rate}/s on average` });
  const count = say({
    ja: `${grouped(done)} / ${grouped(total)} 通`,
    en: `${grouped(done)} of ${grouped(total)}`,
  });
  const bar = barText(share, resting ? shortBarColumns : barColumns);
  return `${say({ ja: '配信', en: 'sending' })} ${bar} ${percent} %  ${count}  ${pace}`;
}

// Before that a second without a delivery is a hiccup, not what is left of a campaign.
const restingShare = 0.9;
// Leaves room for the longer text at 80 columns.
const shortBarColumns = 12;

function providerLines({ say }: CommandContext, { providers }: DeliveryProgress): readonly string[] {
  const titles: readonly Bilingual[] = [
    { ja: '配信済み', en: 'sent' },
    { ja: '延期', en: 'deferred' },
    { ja: '不達', en: 'refused' },
    { ja: '通/秒', en: 'per s' },
  ];
  const row = (name: string, cells: readonly string[]): string =>
    `  ${padToWidth(cutToWidth(name, nameColumns), nameColumns)}${cells.map((cell) => padToWidth(cell, numberColumns, 'right')).join('')}`;
  const shown = providers.toSorted((a, b) => b.sent + b.refused - a.sent - a.refused);
  return [
    row('', titles.map(say)),
    ...shown.map(({ provider, sent, deferred, refused, perSecond }) =>
      row(say(provider), [sent, deferred, refused, Math.round(perSecond)].map(grouped)),
    ),
  ];
}
