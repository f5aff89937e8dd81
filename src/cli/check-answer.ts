import type { Bilingual } from '../base/index.ts';
import { summaryOf } from '../findings/index.ts';
import type { Finding, FindingSummary, Severity } from '../findings/index.ts';
import type { CommandContext } from './command.ts';
import { textColumns } from './output.ts';
import { partyNames } from './state-names.ts';
import { wrapText } from './wrap-text.ts';

/** What was checked, and everything that was found, in the order of looking. */
export type CheckAnswer = { readonly subject: string; readonly findings: readonly Finding[] };

export const severityMarks: { readonly [Each in Severity]: string } = {
  ok: '✓',
  info: 'i',
  warning: '!',
  problem: '✗',
};

const counted: { readonly [Each in Severity]: Bilingual } = {
  problem: { ja: '問題', en: 'problems' },
  warning: { ja: '注意', en: 'warnings' },
  info: { ja: '参考', en: 'remarks' },
  ok: { ja: '正常', en: 'in order' },
};

/** Shows the answer of a check, as text or as the one JSON document; gives the exit code: 1 when there is a problem. */
export function showCheck(context: CommandContext, answer: CheckAnswer): number {
  const summary = summaryOf(answer.findings);
  if (context.json) context.output.printJson({ ...answer, summary });
  else tell(context, answer, summary);
  return summary.problem > 0 ? 1 : 0;
}

function tell(context: CommandContext, { subject, findings }: CheckAnswer, summary: FindingSummary): void {
  const { output, say } = context;
  output.print(subject);
  for (const finding of findings) tellOne(context, finding);
  const words = (['problem', 'warning', 'info', 'ok'] as const).map(
    (severity) => `${say(counted[severity])} ${summary[severity]}`,
  );
  output.print('');
  output.print(words.join(' · '));
}

function tellOne(context: CommandContext, finding: Finding): void {
  const { output, language, say } = context;
  const { title, meaning, steps } = finding.advice[language];
  const mark = severityMarks[finding.severity];
  const about = finding.subject === '' ? '' : `  (${finding.subject})`;
  output.print(`${mark} ${title}${about}`);
  const columns = textColumns(output.stdout);
  const block = (text: string, first: string): void =>
    output.print(wrapText(text, { columns, first, rest: '    ' }));
  for (const line of finding.evidence.split('\n')) if (line !== '') output.print(`    ${line}`);
  if (finding.severity === 'ok') return;
  block(meaning, '    ');
  const who = partyNames[finding.party];
  if (steps.length > 0 && who !== undefined)
    output.print(`    ${say({ ja: '対応する人', en: 'whose turn' })}: ${say(who)}`);
  for (const step of steps) block(step, '  → ');
}
