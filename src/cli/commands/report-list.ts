import type { Bilingual } from '../../base/index.ts';
import type { StoredReport } from '../../reports/index.ts';
import type { Command } from '../command.ts';
import { sinceMs, sinceOption } from '../since.ts';
import { tableText } from '../table.ts';

// A page; more are in the store, and a summary says more than a list.
const mostReports = 1_000;

const kindNames: { readonly [Kind in StoredReport['kind']]: Bilingual } = {
  'dmarc-aggregate': { ja: 'DMARC 集計', en: 'DMARC aggregate' },
  'dmarc-failure': { ja: 'DMARC 失敗', en: 'DMARC failure' },
  tls: { ja: 'TLS', en: 'TLS' },
};

/** `todoku report list`: the reports kept, newest first; JSON lines with --json. */
export const reportList: Command = {
  name: 'report list',
  summary: { ja: '保存したレポートを一覧する', en: 'list the reports kept' },
  options: [
    {
      flags: '--domain <name>',
      doc: { ja: 'このドメイン（サブドメインを含む）だけ', en: 'only this domain and those below' },
    },
    sinceOption,
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const { output, say } = context;
      const reports = product.mailReports().list({
        domain: input.option('domain')?.toLowerCase() ?? null,
        sinceMs: sinceMs(input.option('since'), context.clock.now()),
        limit: mostReports,
      });
      if (context.json) for (const each of reports) output.printJson(withTimes(each));
      else if (reports.length === 0)
        output.note(`todoku: ${say({ ja: '保存したレポートはありません', en: 'no reports are kept' })}`);
      else
        output.print(
          tableText({
            columns: [
              { title: say({ ja: '終わり', en: 'until' }) },
              { title: say({ ja: '種類', en: 'kind' }) },
              { title: say({ ja: 'ドメイン', en: 'domain' }) },
              { title: say({ ja: '件数', en: 'count' }), align: 'right' },
              { title: say({ ja: '報告元', en: 'reporter' }) },
            ],
            rows: reports.map(({ endMs, storedMs, kind, domain, messages, org }) => [
              new Date(endMs ?? storedMs).toISOString().slice(0, 10),
              say(kindNames[kind]),
              domain,
              String(messages),
              org,
            ]),
          }),
        );
      return Promise.resolve(0);
    }),
};

function withTimes({ beginMs, endMs, storedMs, ...report }: StoredReport): Readonly<Record<string, unknown>> {
  const time = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return { ...report, begin: time(beginMs), end: time(endMs), stored: time(storedMs) };
}
