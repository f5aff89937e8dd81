import { AppError } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { tellResult } from '../delivery-summary.ts';
import { watchDelivery } from '../delivery-watch.ts';
import type { DeliveryReport, DemoPlan } from '../ports.ts';

const standardFolder = './todoku-demo';
const standardCount = 5_000;
// Beyond this it is no demo any more: `todoku send` with `simulator.seed` takes any number.
const mostRecipients = 1_000_000;

/** `todoku demo`: the simulated internet and a first campaign in Japanese. */
export const demo: Command = {
  name: 'demo',
  summary: {
    ja: '模擬インターネットへニュースレターを送ってみる（外部には何も送りません）',
    en: 'send a newsletter to a small simulated internet; nothing leaves this machine',
  },
  options: [
    {
      flags: '--count <n>',
      doc: { ja: `宛先の数（省略時 ${standardCount}）`, en: `recipients; ${standardCount} when left out` },
    },
    {
      flags: '--folder <folder>',
      doc: {
        ja: `作業フォルダー（省略時 ${standardFolder}）`,
        en: `where its files go; ${standardFolder} when left out`,
      },
    },
  ],
  run: async (context, input) => {
    const count = input.integer('count') ?? standardCount;
    if (count < 1 || count > mostRecipients) throw badCount();
    const plan = context.writeDemo(input.option('folder') ?? standardFolder, count);
    if (!context.json) context.output.print(context.say(welcome(count)));
    return await context.withProduct(async (product) => {
      const watch = watchDelivery(context);
      const result = await product.send(plan.request, watch.port).finally(() => watch.finish());
      const report = product.report(result.campaigns);
      tellResult(context, result, () => report);
      if (!context.json) tellNext(context, { plan, report, interrupted: result.interrupted });
      return result.interrupted ? 130 : 0;
    }, plan.configFile);
  },
};

function welcome(count: number): { ja: string; en: string } {
  return {
    ja: `このマシンの中だけの小さなインターネットに、${count} 人宛てのニュースレターを送ります。\nドコモ・au・ソフトバンク・Yahoo!メール・Gmail・Outlook・iCloud などが、実際の文面で受け取ったり断ったりします。\n`,
    en: `Sending a newsletter in Japanese to ${count} people on a small internet inside this machine.\ndocomo, au, SoftBank, Yahoo! JAPAN, Gmail, Outlook, iCloud and others take or refuse it in their real words.\n`,
  };
}

function tellNext(
  { say, output }: CommandContext,
  after: { readonly plan: DemoPlan; readonly report: DeliveryReport; readonly interrupted: boolean },
): void {
  const { plan, report } = after;
  const config = `--config ${plan.configFile}`;
  const example = report.reasons[0]?.example;
  const lines = [
    ...(after.interrupted
      ? [[`npx todoku resume ${config}`, say({ ja: '続きを送る', en: 'go on' })] as const]
      : []),
    ...(example === undefined
      ? []
      : [
          [
            `npx todoku why ${example} ${config}`,
            say({ ja: '届かなかった理由を見る', en: 'why this one did not arrive' }),
          ] as const,
        ]),
    [
      `npx todoku ledger ${config}`,
      say({ ja: '全メールの行方を確かめる', en: 'account for every mail' }),
    ] as const,
    [
      `npx todoku config show ${config}`,
      say({ ja: '設定と出どころを見る', en: 'the settings, and where each came from' }),
    ] as const,
    ['npx todoku send --help', say({ ja: '自分の宛先へ送る', en: 'send to your own list' })] as const,
  ];
  output.print(say({ ja: '\n次に試すこと:', en: '\nTry next:' }));
  for (const [line, text] of lines) output.print(`  ${line}\n      ${text}`);
}

function badCount(): AppError {
  return new AppError({
    code: 'demo-count',
    message: {
      ja: `--count は 1〜${mostRecipients} で指定してください`,
      en: `--count must be 1–${mostRecipients}`,
    },
  });
}
