import type { Command, CommandContext } from '../command.ts';
import { cutToWidth } from '../display-width.ts';
import { textColumns } from '../output.ts';
import type { ReplayAnswer, ReplayedReaction } from '../ports.ts';
import { parseSince } from '../time-option.ts';

/** `todoku path replay`: what rules would have done with the replies on record, beside what the present ones did. */
export const pathReplay: Command = {
  name: 'path replay',
  summary: {
    ja: '記録された応答に別の反応ルールを当てて、何が起きたはずかを確かめる',
    en: 'try reaction rules on the replies on record, beside what was done at the time',
  },
  options: [
    {
      flags: '--since <time>',
      required: true,
      doc: { ja: 'これより後の応答（7d、12h、2026-11-01）', en: 'replies since then: 7d, 12h, 2026-11-01' },
    },
    {
      flags: '--rules <file>',
      doc: {
        ja: 'reactions.yaml と同じ書式のファイル（省略すると、いまの設定のルール）',
        en: 'a file like reactions.yaml; left out: the rules in force now',
      },
    },
  ],
  examples: [
    {
      line: 'todoku path replay --since 7d --rules ours.yaml',
      doc: { ja: '1週間分の応答で試す', en: 'with the replies of a week' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const text = input.required('since');
      const sinceMs = parseSince({ option: 'since', text, nowMs: context.clock.now() });
      const answer = product.replayRules({ sinceMs, rules: input.option('rules') ?? null });
      if (context.json) context.output.printJson(answer);
      else tell(context, answer);
      return Promise.resolve(0);
    }),
};

// A screen or two; --json has all of them.
const mostShown = 40;

function tell(context: CommandContext, answer: ReplayAnswer): void {
  const { output, say } = context;
  const { replies, rules, would, did, spared } = answer;
  output.print(
    say({
      ja: `応答 ${replies} 件、ルール ${rules.length} 件`,
      en: `${replies} replies, ${rules.length} rules`,
    }),
  );
  list(context, say({ ja: 'このルールなら', en: 'these rules would have' }), would);
  output.print(
    say({
      ja: `停止中のため送らなかったはずの試行: 配信できたもの ${spared.delivered} 件、失敗したもの ${spared.failed} 件`,
      en: `attempts that would have been spared: ${spared.delivered} that were delivered, ${spared.failed} that failed`,
    }),
  );
  list(context, say({ ja: '実際には', en: 'what was done' }), did);
}

function list({ output, say }: CommandContext, title: string, reactions: readonly ReplayedReaction[]): void {
  output.print(`\n${title}: ${reactions.length}`);
  const columns = textColumns(output.stdout);
  for (const each of reactions.slice(0, mostShown)) {
    const place =
      each.campaign ?? [each.source, each.site, each.domain].filter((part) => part !== null).join(' → ');
    const until = each.until === null ? '' : ` – ${localTime(each.until)}`;
    output.print(
      cutToWidth(
        `${localTime(each.at)}${until}  ${each.do}  ${place}  (${each.rule}) ${each.detail}`,
        columns,
      ),
    );
  }
  const left = reactions.length - mostShown;
  if (left > 0)
    output.print(say({ ja: `ほか ${left} 件（--json ですべて）`, en: `and ${left} more (--json has all)` }));
}

function localTime(iso: string): string {
  return new Date(iso).toLocaleString('sv-SE');
}
