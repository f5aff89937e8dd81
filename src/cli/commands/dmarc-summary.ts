import type { Bilingual } from '../../base/index.ts';
import type { Config } from '../../config/index.ts';
import { summariseDmarc } from '../../reports/index.ts';
import type { DmarcSource, DmarcSummary, OwnSenders, SourceKind } from '../../reports/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import { sinceMs, sinceOption } from '../since.ts';
import { tableText } from '../table.ts';
import { wrapText } from '../wrap-text.ts';

/** `todoku dmarc summary`: who sends as a domain, what each looks like, and what to do. */
export const dmarcSummary: Command = {
  name: 'dmarc summary',
  summary: {
    ja: 'そのドメインを名乗る送信元と、すべきことを DMARC レポートからまとめる',
    en: 'sum up from DMARC reports who sends as a domain, and what to do',
  },
  arguments: [
    {
      name: 'domain',
      doc: { ja: 'ドメイン（サブドメインを含む）', en: 'the domain; those below it count in' },
    },
  ],
  options: [sinceOption],
  examples: [
    {
      line: 'todoku dmarc summary example.jp --since 30d',
      doc: {
        ja: '先に todoku report --store でレポートを保存します',
        en: 'after todoku report --store has kept reports',
      },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const domain = (input.argument(0) ?? '').toLowerCase().replace(/\.$/, '');
      const tallies = product
        .mailReports()
        .dmarc({ domain, sinceMs: sinceMs(input.option('since'), context.clock.now()) });
      const summary = summariseDmarc(tallies, { domain, own: ownSenders(context.loadConfig()) });
      if (context.json) context.output.printJson(summary);
      else tell(context, summary);
      // Nothing known is no good news.
      return Promise.resolve(summary.reports === 0 ? 1 : 0);
    }),
};

function ownSenders(config: Config): OwnSenders {
  return {
    addresses: config.sources.map((source) => source.ip),
    selectors: config.domains.flatMap(({ name, dkim }) =>
      dkim.map(({ selector }) => ({ domain: name, selector })),
    ),
  };
}

const kindNames: { readonly [Kind in SourceKind]: Bilingual } = {
  ours: { ja: '自分', en: 'ours' },
  authorised: { ja: '許可済み', en: 'authorised' },
  forgotten: { ja: '設定漏れ', en: 'forgotten' },
  forwarder: { ja: '転送', en: 'forwarder' },
  forger: { ja: '偽装', en: 'forger' },
  unclear: { ja: '不明', en: 'unclear' },
};
// What must be acted on first.
const order: readonly SourceKind[] = ['ours', 'forgotten', 'authorised', 'forger', 'forwarder', 'unclear'];

// A screen of each; the rest is counted, and in --json.
const shownOfKind = 8;

function tell(context: CommandContext, summary: DmarcSummary): void {
  const { output, say } = context;
  const print = printer(context);
  print(titleOf(summary)[context.language]);
  if (summary.reports > 0) {
    for (const line of numbersOf(summary)) print(say(line), '  ');
    output.print('');
    output.print(sourcesTable(context, summary));
    for (const kind of order)
      tellKind(
        context,
        summary.sources.filter((source) => source.kind === kind),
      );
    if (summary.leftOut > 0)
      print(
        say({ ja: `ほかの送信元 ${summary.leftOut} 通`, en: `other sources: ${summary.leftOut} messages` }),
      );
  }
  output.print(say({ ja: '\n次にすること', en: '\nWhat to do next' }));
  for (const each of summary.advice) print(say(each), '  - ', '    ');
}

function printer({ output }: CommandContext): (text: string, first?: string, rest?: string) => void {
  const columns = textColumns(output.stdout);
  return (text, first = '', rest = first) => output.print(wrapText(plain(text), { columns, first, rest }));
}

function titleOf({ domain, from, until, reports, reporters }: DmarcSummary): Bilingual {
  const period = `${from?.slice(0, 10) ?? '?'} – ${until?.slice(0, 10) ?? '?'}`;
  return {
    ja: `${domain} の DMARC（${period}、レポート ${reports} 件、報告元 ${reporters.length}）`,
    en: `DMARC of ${domain} (${period}, reports ${reports}, reporters ${reporters.length})`,
  };
}

function numbersOf({ messages, passed, failed, alignment, policy }: DmarcSummary): readonly Bilingual[] {
  const rate = messages === 0 ? '-' : `${((100 * passed) / messages).toFixed(1)} %`;
  return [
    {
      ja: `メール ${messages} 通: 合格 ${passed}（${rate}）、不合格 ${failed}。ポリシー p=${policy?.p ?? '?'}`,
      en: `messages ${messages}: passed ${passed} (${rate}), failed ${failed}; policy p=${policy?.p ?? '?'}`,
    },
    {
      ja: `整合: DKIM と SPF の両方 ${alignment.both}、DKIM だけ ${alignment.dkimOnly}、SPF だけ ${alignment.spfOnly}、なし ${alignment.none}`,
      en: `aligned: both DKIM and SPF ${alignment.both}, DKIM only ${alignment.dkimOnly}, SPF only ${alignment.spfOnly}, neither ${alignment.none}`,
    },
  ];
}

function sourcesTable({ say }: CommandContext, { kinds }: DmarcSummary): string {
  return tableText({
    columns: [
      { title: say({ ja: '見立て', en: 'looks like' }) },
      { title: say({ ja: '送信元', en: 'sources' }), align: 'right' },
      { title: say({ ja: 'メール', en: 'messages' }), align: 'right' },
    ],
    rows: order
      .filter((kind) => kinds[kind].sources > 0)
      .map((kind) => [say(kindNames[kind]), String(kinds[kind].sources), String(kinds[kind].messages)]),
  });
}

function tellKind(context: CommandContext, sources: readonly DmarcSource[]): void {
  const [first] = sources;
  if (first === undefined) return;
  const { output, say } = context;
  const print = printer(context);
  output.print(`\n${say(kindNames[first.kind])}`);
  for (const because of new Set(sources.map((source) => source.because))) {
    const alike = sources.filter((source) => source.because === because);
    print(say(because), '  ');
    print(`→ ${say(alike[0]?.advice ?? because)}`, '  ', '    ');
    for (const source of alike.slice(0, shownOfKind)) print(say(sourceLine(source)), '    ', '      ');
    const rest = alike.length - shownOfKind;
    if (rest > 0)
      print(
        say({ ja: `ほか ${rest} 件（--json ですべて）`, en: `and ${rest} more (--json shows all)` }),
        '    ',
      );
  }
}

function sourceLine(source: DmarcSource): Bilingual {
  const { name, messages, passed, dkimAligned, spfAligned, examples, signingDomains } = source;
  const place = examples[0] === undefined || source.addresses > 1 ? '' : ` ${examples[0]}`;
  const signed = signingDomains.length === 0 ? '' : ` d=${signingDomains.slice(0, 2).join(',')}`;
  return {
    ja: `${name.ja}${place}: ${messages} 通、合格 ${passed}（DKIM ${dkimAligned}、SPF ${spfAligned}）IP ${source.addresses}、${source.days} 日${signed}`,
    en: `${name.en}${place}: messages ${messages}, passed ${passed} (DKIM ${dkimAligned}, SPF ${spfAligned}), IPs ${source.addresses}, days ${source.days}${signed}`,
  };
}

/** Names come from strangers: what a terminal would obey is not shown. */
function plain(line: string): string {
  return line.replaceAll(/[^\P{Cc}\n]+/gu, ' ');
}
