import { summariseTls } from '../../reports/index.ts';
import type { TlsSummary } from '../../reports/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { textColumns } from '../output.ts';
import { sinceMs, sinceOption } from '../since.ts';
import { wrapText } from '../wrap-text.ts';

/** `todoku tls summary`: how mail to a domain was encrypted on its way, and what failed. */
export const tlsSummary: Command = {
  name: 'tls summary',
  summary: {
    ja: 'そのドメイン宛ての TLS の成否と、すべきことを TLS レポートからまとめる',
    en: 'sum up from TLS reports how mail to a domain was encrypted, and what to do',
  },
  arguments: [
    {
      name: 'domain',
      doc: { ja: 'ドメイン（サブドメインを含む）', en: 'the domain; those below it count in' },
    },
  ],
  options: [sinceOption],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const domain = (input.argument(0) ?? '').toLowerCase().replace(/\.$/, '');
      const tallies = product
        .mailReports()
        .tls({ domain, sinceMs: sinceMs(input.option('since'), context.clock.now()) });
      const summary = summariseTls(tallies, domain);
      if (context.json) context.output.printJson(summary);
      else tell(context, summary);
      return Promise.resolve(summary.reports === 0 ? 1 : 0);
    }),
};

// A screen; the rest is in --json.
const shownTroubles = 15;

function tell({ output, say }: CommandContext, summary: TlsSummary): void {
  const columns = textColumns(output.stdout);
  const print = (text: string, first = '', rest = first): void =>
    output.print(wrapText(text.replaceAll(/[^\P{Cc}\n]+/gu, ' '), { columns, first, rest }));
  const { domain, from, until, reports, reporters, sessions, failed, troubles } = summary;
  const period = `${from?.slice(0, 10) ?? '?'} – ${until?.slice(0, 10) ?? '?'}`;
  print(
    say({
      ja: `${domain} 宛ての TLS（${period}、レポート ${reports} 件、報告元 ${reporters.length}）`,
      en: `TLS towards ${domain} (${period}, reports ${reports}, reporters ${reporters.length})`,
    }),
  );
  if (reports > 0)
    print(
      say({ ja: `接続 ${sessions}、失敗 ${failed}`, en: `sessions ${sessions}, failed ${failed}` }),
      '  ',
    );
  for (const trouble of troubles.slice(0, shownTroubles)) {
    output.print('');
    print(`${trouble.resultType}: ${trouble.sessions} (${trouble.mxHost || trouble.policyDomain})`);
    print(say(trouble.meaning), '  ');
    print(`→ ${say(trouble.advice)}`, '  ', '    ');
    if (trouble.example !== '') print(trouble.example, '    ');
  }
  for (const each of summary.advice) print(say(each), '  - ', '    ');
}
