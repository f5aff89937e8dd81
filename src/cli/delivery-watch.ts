import type { ImportSummary, RejectedRow } from '../contacts/index.ts';
import type { CommandContext } from './command.ts';
import { padToWidth } from './display-width.ts';
import type { DeliveryProgress, DeliveryWatch } from './ports.ts';
import { barText, createProgress } from './progress.ts';

// A log file or CI output gets a line this often.
const plainEveryMs = 5_000;
const barColumns = 30;

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
  const port: DeliveryWatch = {
    signal,
    importing(read, total, rows) {
      progress.update(() => [
        `${say({ ja: '取り込み', en: 'importing' })} ${barText(read / Math.max(1, total), barColumns)} ${rows}`,
      ]);
    },
    imported(summary, examples) {
      for (const line of importLines(context, summary, examples)) progress.note(line);
    },
    delivering: (state) => progress.update(() => deliveryLines(context, state)),
    remark: (text) => progress.note(`  ${say(text)}`),
  };
  return { port, finish: () => progress.finish() };
}

function nothing(): void {
  // Nobody looks.
}

function importLines(
  { say, language }: CommandContext,
  summary: ImportSummary,
  examples: readonly RejectedRow[],
): readonly string[] {
  const { accepted, rejected, duplicates, encoding, normalised } = summary;
  const head = say({
    ja: `宛先 ${accepted} 件（${encoding}、除外 ${rejected}、重複 ${duplicates}、表記を整えた ${normalised.count}）`,
    en: `${accepted} recipients (${encoding}; ${rejected} left out, ${duplicates} duplicates, ${normalised.count} normalised)`,
  });
  const place = (line: number): string => say({ ja: `${line} 行目`, en: `line ${line}` });
  const left = examples.map((row) => `  ${place(row.line)}: ${row.reason[language]}: ${oneLine(row.text)}`);
  const changed = normalised.examples
    .slice(0, 3)
    .map(({ line, from, to }) => `  ${place(line)}: ${from} → ${to}`);
  return [head, ...left, ...changed];
}

// A row is shown to find it again, not to read it.
const shownCharacters = 60;

function oneLine(text: string): string {
  const line = text.replace(/\p{Cc}+/gu, ' ');
  return line.length > shownCharacters ? `${line.slice(0, shownCharacters)}…` : line;
}

function deliveryLines({ say }: CommandContext, state: DeliveryProgress): readonly string[] {
  const { providers, total, done, seconds } = state;
  const rate = seconds > 0 ? Math.round(done / seconds) : 0;
  const head = `${say({ ja: '配信', en: 'delivering' })} ${barText(done / Math.max(1, total), barColumns)} ${done}/${total}  ${rate}/s`;
  const shown = providers.toSorted((a, b) => b.sent + b.refused - a.sent - a.refused);
  const lines = shown.map((each) => {
    const name = padToWidth(say(each.provider), nameColumns);
    return say({
      ja: `  ${name} 送信 ${count(each.sent)}  延期 ${count(each.deferred)}  拒否 ${count(each.refused)}  ${Math.round(each.perSecond)}/秒`,
      en: `  ${name} sent ${count(each.sent)}  deferred ${count(each.deferred)}  refused ${count(each.refused)}  ${Math.round(each.perSecond)}/s`,
    });
  });
  return [head, ...lines];
}

const nameColumns = 28; // "Outlook.com / Hotmail" and "Microsoft 365（会社ドメイン）" fit

function count(value: number): string {
  return String(value).padStart(6);
}
