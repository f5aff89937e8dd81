import type { Bilingual } from '../base/index.ts';
import type { CommandContext } from './command.ts';
import type { ReturnedMailDescription } from './ports.ts';
import { partyNames } from './state-names.ts';

/** Shows what returned mails say, as they are read: JSON lines, or text for people with the counts at the end. */
export async function showMails(
  context: CommandContext,
  mails: AsyncIterable<ReturnedMailDescription>,
): Promise<number> {
  const { output } = context;
  const counts = new Map<string, number>();
  for await (const each of mails) {
    if (output.closed.aborted) break;
    const verdict = each.verdict ?? '';
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (context.json) output.printJson(each);
    else for (const line of linesOf(each, context)) output.print(line);
  }
  if (!context.json && [...counts.values()].reduce((sum, count) => sum + count, 0) > 1)
    showCounts(context, counts);
  return 0;
}

const actionTexts: Readonly<Record<string, Bilingual>> = {
  failed: { ja: '不達', en: 'not delivered' },
  delayed: { ja: '遅延（再送中）', en: 'late, still being tried' },
  delivered: { ja: '配送済み', en: 'delivered' },
  relayed: { ja: '中継済み', en: 'relayed' },
  expanded: { ja: '宛先リストへ展開済み', en: 'expanded to a list' },
  complained: { ja: '苦情', en: 'complaint' },
  replied: { ja: '自動応答', en: 'automatic reply' },
};

function linesOf(mail: ReturnedMailDescription, { say, language }: CommandContext): readonly string[] {
  const where = mail.mail > 1 ? `${mail.file}#${mail.mail}` : mail.file;
  if (mail.verdict === null || mail.advice === null)
    return [`${where}: ${say({ ja: 'エラーメールではありません', en: 'no returned mail' })}`];
  const action = actionTexts[mail.action ?? ''];
  const hard = mail.hardBounce ? say({ ja: '（ハードバウンス）', en: ' (hard bounce)' }) : '';
  const codes = [mail.replyCode, mail.status].filter((code) => code !== null).join(' ');
  const advice = mail.advice[language];
  const who = partyNames[mail.party ?? 'nobody'] ?? { ja: '', en: '' };
  const unknown = say({ ja: '宛先不明', en: 'recipient unknown' });
  return [
    `${where}: ${plain(mail.recipient ?? unknown)}: ${action === undefined ? mail.kind : say(action)}${hard} ${codes}`.trimEnd(),
    `  ${mail.verdict}: ${advice.title}`,
    ...(mail.said === null
      ? []
      : [`  ${say({ ja: '相手の言葉', en: 'they said' })}: ${plain(mail.said).slice(0, longestSaidChars)}`]),
    `  ${say({ ja: `対応する人: ${who.ja}`, en: `whose turn: ${who.en}` })}`,
    ...(advice.steps[0]?.steps ?? []).map((step) => `    - ${step}`),
  ];
}

// A page of a report is not for the terminal; all of it is in --json.
const longestSaidChars = 300;

/** Mails come from strangers: what a terminal would obey is not shown. */
function plain(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

function showCounts({ output, say }: CommandContext, counts: ReadonlyMap<string, number>): void {
  output.note('');
  for (const [verdict, count] of [...counts].toSorted((a, b) => b[1] - a[1])) {
    const name = verdict === '' ? say({ ja: 'エラーメールではないもの', en: 'no returned mail' }) : verdict;
    output.note(`${String(count).padStart(6)}  ${name}`);
  }
}
