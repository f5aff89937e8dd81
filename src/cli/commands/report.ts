import { describeReport, faultTexts } from '../../reports/index.ts';
import type { Command, CommandContext } from '../command.ts';
import type { ReadReportFile } from '../ports.ts';

/** `todoku report`: what DMARC, TLS and complaint reports say; with --store they are kept for the summaries. */
export const report: Command = {
  name: 'report',
  summary: {
    ja: 'DMARC・TLS・迷惑メール報告を読む',
    en: 'read DMARC, TLS and complaint reports',
  },
  arguments: [
    {
      name: 'file',
      variadic: true,
      doc: {
        ja: 'レポート（xml・json・gz・zip、またはそれが付いたメール）',
        en: 'a report: xml, json, gz, zip, or the mail that carried it',
      },
    },
  ],
  options: [
    {
      flags: '--store',
      doc: {
        ja: '読んだレポートを保存し、集計（dmarc summary・tls summary）に使う',
        en: 'keep the reports for the summaries (dmarc summary, tls summary)',
      },
    },
  ],
  examples: [
    {
      line: 'todoku report google.com!example.jp!1711756800!1711843199.zip',
      doc: { ja: '受け取ったままの形で読めます', en: 'as it was received' },
    },
    {
      line: 'todoku report --store reports/*',
      doc: { ja: '同じレポートは一度だけ保存します', en: 'the same report is kept once' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const files = input.argumentsFrom(0);
      let unreadable = 0;
      // All are looked for before the first is read: a slip in a name prints nothing that looks like an answer.
      for (const read of product.readReports(files)) {
        if (context.output.closed.aborted) break;
        if (!read.reading.ok) unreadable += 1;
        show(context, read);
        if (input.flag('store') && read.reading.ok) {
          const taken = product.storeReports(read.reading.reports);
          context.output.note(context.say(storedText(read.file, taken)));
        }
      }
      return Promise.resolve(unreadable > 0 ? 1 : 0);
    }),
};

function show(context: CommandContext, { file, reading }: ReadReportFile): void {
  const { output, say } = context;
  const faults = reading.ok ? reading.faults : [reading.fault];
  if (context.json && !reading.ok)
    output.printJson({ file, error: { code: reading.fault, ...faultTexts[reading.fault] } });
  // Of what stands beside a report, only that which should have been one is worth a word.
  for (const fault of faults.filter((each) => !reading.ok || each !== 'no-report'))
    output.note(`todoku: ${file}: ${say(faultTexts[fault])}`);
  if (!reading.ok) return;
  for (const [index, each] of reading.reports.entries()) {
    if (context.json) output.printJson({ file, index, ...each });
    else for (const line of describeReport(each)) output.print(plain(say(line)));
  }
}

function storedText(
  file: string,
  {
    stored,
    duplicates,
    passed,
  }: { readonly stored: number; readonly duplicates: number; readonly passed: number },
): { readonly ja: string; readonly en: string } {
  const complaints = {
    ja: passed === 0 ? '' : `、苦情 ${passed} 件は保存しません（受信処理が送信停止にします）`,
    en: passed === 0 ? '' : `; complaints not kept here, taking them in suppresses: ${passed}`,
  };
  return {
    ja: `${file}: 保存 ${stored} 件、保存済み ${duplicates} 件${complaints.ja}`,
    en: `${file}: kept ${stored}, known already ${duplicates}${complaints.en}`,
  };
}

/** Reports come from strangers: what a terminal would obey is not shown. */
function plain(line: string): string {
  return line.replaceAll(/\p{Cc}+/gu, ' ');
}
