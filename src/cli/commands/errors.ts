import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import type { FailureCounts, FailureKind } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { CommandInput } from '../command-input.ts';
import { cutToWidth } from '../display-width.ts';
import { grouped } from '../number-text.ts';
import { textColumns } from '../output.ts';
import type { ErrorEntry, ErrorHistory, ErrorQuestion } from '../ports.ts';
import { tableText } from '../table.ts';
import { parseSince, parseUntil } from '../time-option.ts';

// A screen of them; --json gives a page that a program likes.
const shownByDefault = 30;
const jsonByDefault = 1_000;
const mostAtOnce = 1_000;
// Enough of a text to know it again.
const mostShownCharacters = 80;

/** `todoku errors`: what did not go as it should, by any question, as a list or counted. */
export const errors: Command = {
  name: 'errors',
  summary: {
    ja: '届かなかったメールの記録を、条件を指定して一覧・集計する',
    en: 'list or count what did not arrive, by address, domain, provider, verdict, campaign or time',
  },
  options: [
    { flags: '--address <address>', doc: { ja: 'このアドレス宛てだけ', en: 'only mail to this address' } },
    { flags: '--domain <domain>', doc: { ja: 'このドメイン宛てだけ', en: 'only mail to this domain' } },
    {
      flags: '--provider <id>',
      doc: {
        ja: 'このプロバイダー宛てだけ（gmail、docomo など）',
        en: 'only this provider: gmail, docomo …',
      },
    },
    {
      flags: '--verdict <verdict>',
      doc: { ja: 'この判定だけ（userunknown など）', en: 'only this verdict: userunknown …' },
    },
    { flags: '--campaign <name>', doc: { ja: 'このキャンペーンだけ', en: 'only this campaign' } },
    {
      flags: '--since <time>',
      doc: { ja: 'いつから（2026-01-31、7d など）', en: 'from then on: 2026-01-31, 7d (ago) …' },
    },
    {
      flags: '--until <time>',
      doc: { ja: 'いつまで（その日を含む）', en: 'up to then: 2026-01-31 (with that day), 1h (ago) …' },
    },
    {
      flags: '--bounced',
      doc: { ja: '不達だけ（後から戻ったものを含む）', en: 'only bounces, early and late' },
    },
    { flags: '--deferred', doc: { ja: '一時的に断られたものだけ', en: 'only what was put off' } },
    { flags: '--complained', doc: { ja: '迷惑メール報告だけ', en: 'only complaints' } },
    {
      flags: '--unproved',
      doc: {
        ja: '当方の署名で裏付けられない返送メール（偽造かもしれません）も含める',
        en: 'also returned mail that our seal does not prove: it may be forged',
      },
    },
    {
      flags: '--counts',
      doc: {
        ja: '判定・プロバイダー・ドメイン・日別に集計する',
        en: 'count by verdict, provider, domain and day',
      },
    },
    {
      flags: '--limit <n>',
      doc: {
        ja: '件数（既定 30、--json では 1000、上限 1000）',
        en: 'how many; 30, with --json 1000, which is the most',
      },
    },
    {
      flags: '--cursor <text>',
      doc: { ja: '続きから（前の答えの next）', en: 'go on from the “next” of the answer before' },
    },
    {
      flags: '--csv <file>',
      doc: { ja: '該当するすべてを CSV に書き出す', en: 'write all of them into a CSV file' },
    },
  ],
  examples: [
    {
      line: 'todoku errors --provider docomo --since 7d --counts',
      doc: { ja: 'この 7 日間のドコモ宛ての失敗を集計します', en: 'counts a week of failures at docomo' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const csv = input.option('csv');
      if (csv !== undefined && input.flag('counts')) throw oneOfBoth();
      const history = product.errors(questionOf(context, input));
      if (csv !== undefined) tellWritten(context, csv, history.writeCsv(csv));
      else if (input.flag('counts')) tellCounts(context, history.counts());
      else tellPage(context, input, history);
      return Promise.resolve(0);
    }),
};

function questionOf({ clock }: CommandContext, input: CommandInput): ErrorQuestion {
  const nowMs = clock.now();
  const moment = (option: 'since' | 'until', read: typeof parseSince): number | null => {
    const text = input.option(option);
    return text === undefined ? null : read({ option, text, nowMs });
  };
  const [sinceMs, untilMs] = [moment('since', parseSince), moment('until', parseUntil)];
  if (sinceMs !== null && untilMs !== null && untilMs <= sinceMs) throw emptySpan();
  const wanted: readonly (readonly [string, readonly FailureKind[]])[] = [
    ['bounced', ['bounced', 'bounced-later', 'expired']],
    ['deferred', ['deferred', 'delay-notice']],
    ['complained', ['complained']],
  ];
  return {
    address: addressOf(input),
    domain: input.option('domain') ?? null,
    provider: input.option('provider') ?? null,
    verdict: input.option('verdict') ?? null,
    campaign: input.option('campaign') ?? null,
    sinceMs,
    untilMs,
    kinds: wanted.flatMap(([flag, kinds]) => (input.flag(flag) ? kinds : [])),
    unproved: input.flag('unproved'),
  };
}

function addressOf(input: CommandInput): string | null {
  const address = input.option('address');
  if (address === undefined) return null;
  if (address.includes('@')) return address;
  const shown = address.slice(0, mostShownCharacters);
  throw new AppError({
    code: 'usage-errors-address',
    message: { ja: `--address の「${shown}」に @ がありません`, en: `--address: “${shown}” has no @` },
    hint: { ja: 'ドメインなら --domain を使ってください', en: 'for a domain there is --domain' },
  });
}

function emptySpan(): AppError {
  return new AppError({
    code: 'usage-empty-span',
    message: { ja: '--until が --since より前です', en: '--until is before --since' },
    hint: {
      ja: '例: --since 7d --until 1d（7 日前から 1 日前まで）',
      en: 'for example --since 7d --until 1d: from seven days ago to one day ago',
    },
  });
}

function oneOfBoth(): AppError {
  return new AppError({
    code: 'usage-csv-or-counts',
    message: { ja: '--csv と --counts は一緒に使えません', en: '--csv and --counts do not go together' },
    hint: {
      ja: '集計をファイルにするなら --counts --json を使ってください',
      en: 'for counts in a file there is --counts --json',
    },
  });
}

function tellWritten({ json, output, say }: CommandContext, file: string, written: number): void {
  if (json) output.printJson({ file, written });
  else
    output.print(
      say({ ja: `${written} 件を ${file} に書き出しました`, en: `written to ${file}: ${written}` }),
    );
}

function tellPage(context: CommandContext, input: CommandInput, history: ErrorHistory): void {
  const { json, output, say } = context;
  const limit = input.integer('limit') ?? (json ? jsonByDefault : shownByDefault);
  if (limit < 1 || limit > mostAtOnce) throw unusableLimit(limit);
  const page = history.page(input.option('cursor') ?? null, limit);
  if (json) output.printJson({ errors: page.items, next: page.next });
  else if (page.items.length === 0)
    output.print(say({ ja: '該当する失敗はありません', en: 'nothing like that went wrong' }));
  else {
    for (const entry of page.items) tellEntry(context, entry);
    if (page.next !== null)
      output.note(say({ ja: `続き: --cursor ${page.next}`, en: `there is more: --cursor ${page.next}` }));
  }
}

function unusableLimit(limit: number): AppError {
  return new AppError({
    code: 'usage-errors-limit',
    message: {
      ja: `--limit は 1 から ${mostAtOnce} までです（今の値: ${limit}）`,
      en: `--limit is from 1 to ${mostAtOnce}, not ${limit}`,
    },
    hint: {
      ja: '続きは --cursor、すべては --csv で取り出せます',
      en: '--cursor goes on from a page, --csv writes all of them',
    },
  });
}

export const failureNames: { readonly [Kind in FailureKind]: Bilingual } = {
  bounced: { ja: '不達', en: 'bounced' },
  deferred: { ja: '一時拒否', en: 'deferred' },
  expired: { ja: '期限切れ', en: 'expired' },
  'bounced-later': { ja: '後から不達', en: 'bounced later' },
  'delay-notice': { ja: '遅延通知', en: 'delayed on the way' },
  complained: { ja: '迷惑メール報告', en: 'complaint' },
};

function tellEntry({ output, say }: CommandContext, entry: ErrorEntry): void {
  const fine = entry.detail === null ? entry.verdict : `${entry.verdict} / ${entry.detail}`;
  const doubt = entry.trusted ? '' : say({ ja: '（未確認）', en: ' (unproved)' });
  const time = new Date(entry.at).toLocaleString('sv-SE');
  const head = [time, say(failureNames[entry.kind]) + doubt, entry.address ?? '?', fine].join('  ');
  output.print(oneLine(head));
  const words = oneLine(entry.said);
  if (words === '') return;
  // A reply's lines are kept without the code; a returned mail is quoted as it is.
  const code =
    entry.replyCode === null || words.startsWith(String(entry.replyCode)) ? '' : `${entry.replyCode} `;
  output.print(`    > ${cutToWidth(code + words, textColumns(output.stdout) - 6)}`);
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

function tellCounts(context: CommandContext, counts: FailureCounts): void {
  const { json, output, say } = context;
  if (json) {
    output.printJson(counts);
    return;
  }
  output.print(say({ ja: `失敗 ${grouped(counts.total)} 件`, en: `failures: ${grouped(counts.total)}` }));
  if (counts.total === 0) return;
  const kinds = counts.byKind.map(({ name, count }) => ({ name: say(kindName(name)), count }));
  tellTally(context, { ja: '種類', en: 'kind' }, kinds);
  tellTally(context, { ja: '判定', en: 'verdict' }, counts.byVerdict);
  tellTally(context, { ja: 'プロバイダー', en: 'provider' }, counts.byProvider);
  tellTally(context, { ja: 'ドメイン', en: 'domain' }, counts.byDomain);
  tellDays(context, counts.byDay);
}

function kindName(name: string): Bilingual {
  const known = Object.entries(failureNames).find(([kind]) => kind === name)?.[1];
  return known ?? { ja: name, en: name };
}

// The rest is in --json.
const shownNames = 10;

function tellTally(
  { output, say }: CommandContext,
  title: Bilingual,
  tally: readonly { readonly name: string; readonly count: number }[],
): void {
  if (tally.length === 0) return;
  const left = tally.slice(shownNames);
  const rest = left.reduce((sum, { count }) => sum + count, 0);
  const others = say({ ja: `ほか ${left.length} 種`, en: `${left.length} more` });
  const rows = tally.slice(0, shownNames).map(({ name, count }) => [name, grouped(count)]);
  if (left.length > 0) rows.push([others, grouped(rest)]);
  const columns = [
    { title: say(title) },
    { title: say({ ja: '件数', en: 'count' }), align: 'right' as const },
  ];
  output.print(`\n${tableText({ columns, rows })}`);
}

const barColumns = 30;

function tellDays({ output, say }: CommandContext, days: FailureCounts['byDay']): void {
  const most = Math.max(...days.map(({ count }) => count));
  output.print(
    `\n${tableText({
      columns: [
        { title: say({ ja: '日', en: 'day' }) },
        { title: say({ ja: '件数', en: 'count' }), align: 'right' },
        { title: '' },
      ],
      rows: days.map(({ day, count }) => [
        day,
        grouped(count),
        '█'.repeat(Math.max(1, Math.round((count / most) * barColumns))),
      ]),
    })}`,
  );
}
