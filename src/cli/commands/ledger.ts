import type { Ledger, LedgerRow } from '../../campaigns/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { grouped } from '../number-text.ts';
import { stateNames } from '../state-names.ts';
import { tableText } from '../table.ts';

/** `todoku ledger`: the equation of promise 3. */
export const ledger: Command = {
  name: 'ledger',
  summary: {
    ja: '受け付けた全メールの行方が帳尻どおりか確かめる',
    en: 'prove that accepted = delivered + bounced + suppressed + expired + cancelled + waiting',
  },
  run: async (context) =>
    await context.withProduct((product) => {
      const answer = product.ledger();
      if (context.json) context.output.printJson(answer);
      else tell(context, answer);
      return Promise.resolve(answer.ok ? 0 : 1);
    }),
};

function tell(context: CommandContext, answer: Ledger): void {
  const { say, output } = context;
  const title = { ja: 'キャンペーン', en: 'campaign' };
  const rows = [...answer.campaigns, { ...answer.total, campaign: say({ ja: '合計', en: 'in all' }) }];
  // The rarer ends only where there are any, so that the table fits 80 columns; --json has them all.
  const states = Object.entries(stateNames).filter(
    ([state]) => always.has(state) || numberText({ ...answer.total, campaign: '' }, state) !== '0',
  );
  const numbers = ['accepted', ...states.map(([state]) => state)];
  output.print(
    tableText({
      columns: [
        { title: say(title) },
        { title: say({ ja: '受付', en: 'accepted' }), align: 'right' },
        ...states.map(([, name]) => ({ title: say(name), align: 'right' as const })),
      ],
      rows: rows.map((row) => [row.campaign, ...numbers.map((name) => numberText(row, name))]),
    }),
  );
  for (const fault of answer.faults) output.print(say({ ja: `不一致: ${fault}`, en: `fault: ${fault}` }));
  const verdict = answer.ok
    ? { ja: '帳尻は合っています', en: 'it adds up' }
    : {
        ja: '帳尻が合っていません。上の不一致を報告してください',
        en: 'it does not add up: please report the faults above',
      };
  output.print(say(verdict));
}

const always: ReadonlySet<string> = new Set(['delivered', 'bounced', 'waiting']);

function numberText(row: LedgerRow, name: string): string {
  const value = Object.entries(row).find(([key]) => key === name)?.[1];
  return typeof value === 'number' ? grouped(value) : '';
}
