import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import type { SentReport, TlsReportState } from '../../tls/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { CommandInput } from '../command-input.ts';
import type { Product } from '../ports.ts';
import { tableText } from '../table.ts';

const stateNames: { readonly [State in TlsReportState['state']]: Bilingual } = {
  open: { ja: '未送信', en: 'open' },
  sent: { ja: '送信済み', en: 'sent' },
  unwanted: { ja: '求められていない', en: 'not wanted' },
  failed: { ja: '送れなかった', en: 'failed' },
};

/** `todoku tls report`: the reports that go to the domains mail was sent to (RFC 8460): see, make, send. */
export const tlsReport: Command = {
  name: 'tls report',
  summary: {
    ja: '宛先ドメインへの TLS レポートを見る・作る・送る',
    en: 'see, make or send the TLS reports to the domains that mail went to',
  },
  arguments: [
    {
      name: 'action',
      optional: true,
      doc: {
        ja: 'list（既定）: 日ごとの接続数、show: レポートそのもの、send: 終わった日の分を送る',
        en: 'list (default): sessions by day; show: a report itself; send: those of the days that are over',
      },
    },
  ],
  options: [
    { flags: '--day <date>', doc: { ja: 'この日（UTC、2026-11-24）', en: 'this day (UTC), 2026-11-24' } },
    { flags: '--domain <name>', doc: { ja: 'この宛先ドメイン', en: 'this recipient domain' } },
  ],
  examples: [
    {
      line: 'todoku tls report show --day 2026-11-24 --domain example.jp',
      doc: { ja: 'その日のレポートを JSON で見る', en: 'look at the report of that day as JSON' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const action = input.argument(0) ?? 'list';
      if (action === 'list') return list(context, input, product);
      if (action === 'show') return show(context, input, product);
      if (action === 'send') return send(context, await product.sendTlsReports());
      throw unknownAction(action);
    }),
};

function list(context: CommandContext, input: CommandInput, product: Product): number {
  const { output, say } = context;
  const domain = domainOf(input);
  const all = product.tlsReports(dayOf(input));
  const reports = domain === undefined ? all : all.filter((each) => each.domain === domain);
  if (context.json) {
    for (const { atMs, ...each } of reports)
      output.printJson({ ...each, at: atMs === null ? null : new Date(atMs).toISOString() });
    return 0;
  }
  if (reports.length === 0) {
    output.note(`todoku: ${say({ ja: '数えた接続はありません', en: 'no sessions have been counted' })}`);
    return 0;
  }
  output.print(
    tableText({
      columns: [
        { title: say({ ja: '日', en: 'day' }) },
        { title: say({ ja: 'ドメイン', en: 'domain' }) },
        { title: say({ ja: '接続', en: 'sessions' }), align: 'right' },
        { title: say({ ja: '失敗', en: 'failed' }), align: 'right' },
        { title: say({ ja: 'レポート', en: 'report' }) },
      ],
      rows: reports.map((each) => [
        each.day,
        each.domain,
        String(each.sessions),
        String(each.failures),
        say(stateNames[each.state]),
      ]),
    }),
  );
  return 0;
}

function show(context: CommandContext, input: CommandInput, product: Product): number {
  const [day, domain] = [dayOf(input), domainOf(input)];
  if (day === null || domain === undefined) throw whichReport();
  const report = product.makeTlsReport(day, domain);
  if (report !== null) {
    if (context.json) context.output.printJson(report);
    else context.output.print(JSON.stringify(report, null, 2));
    return 0;
  }
  const none = { ja: 'その日に数えた接続はありません', en: 'no sessions were counted on that day' };
  context.output.note(`todoku: ${context.say(none)}`);
  return 1;
}

/** Exit code 1 when one could not be sent. */
function send(context: CommandContext, sent: readonly SentReport[]): number {
  const { output, say } = context;
  for (const each of sent) {
    if (context.json) output.printJson(each);
    else if (each.state !== 'unwanted')
      output.print(`${each.day} ${each.domain}: ${say(stateNames[each.state])} ${each.detail}`);
  }
  if (!context.json && sent.every(({ state }) => state === 'unwanted'))
    output.note(`todoku: ${say({ ja: '送るレポートはありません', en: 'there is no report to send' })}`);
  return sent.some(({ state }) => state === 'open' || state === 'failed') ? 1 : 0;
}

function domainOf(input: CommandInput): string | undefined {
  return input.option('domain')?.toLowerCase().replace(/\.$/, '');
}

function dayOf(input: CommandInput): string | null {
  const day = input.option('day');
  if (day === undefined) return null;
  if (/^\d{4}-\d\d-\d\d$/.test(day) && !Number.isNaN(Date.parse(day))) return day;
  throw new AppError({
    code: 'usage-not-a-day',
    message: { ja: `--day の値 ${day} を日付として読めません`, en: `--day ${day} is not a day` },
    hint: { ja: '2026-11-24 のように書いてください', en: 'write it like 2026-11-24' },
  });
}

function whichReport(): AppError {
  return new AppError({
    code: 'usage-which-report',
    message: {
      ja: 'どのレポートか分かりません',
      en: 'which report is not clear',
    },
    hint: {
      ja: '--day と --domain を付けてください（todoku tls report list で一覧できます）',
      en: 'give --day and --domain; “todoku tls report list” lists them',
    },
  });
}

function unknownAction(action: string): AppError {
  return new AppError({
    code: 'usage-tls-report-action',
    message: {
      ja: `tls report に ${JSON.stringify(action.slice(0, 40))} という操作はありません`,
      en: `tls report has no action ${JSON.stringify(action.slice(0, 40))}`,
    },
    hint: { ja: 'list、show、send のどれかです', en: 'it is list, show or send' },
  });
}
