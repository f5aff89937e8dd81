import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { exitCodeOf, tellResult } from '../delivery-summary.ts';
import { watchDelivery } from '../delivery-watch.ts';
import { grouped } from '../number-text.ts';
import type { DeliveryReport, DeliveryResult } from '../ports.ts';
import type { DemoPlan } from '../simulation-ports.ts';

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
      if (!context.json) tellNext(context, { plan, report, result });
      return exitCodeOf(result, false);
    }, plan.configFile);
  },
};

function welcome(count: number): Bilingual {
  return {
    ja: `このマシンの中の小さなインターネットで、${grouped(count)} 人にニュースレターを送ります。
ドコモ・au・ソフトバンク・Yahoo!メール・Gmail・Outlook・iCloud などが、
実際の文面で受け取ったり断ったりします。外部へは 1 通も出ません。
`,
    en: `Sending a newsletter in Japanese to ${grouped(count)} people on a small internet inside this
machine. docomo, au, SoftBank, Yahoo! JAPAN, Gmail, Outlook, iCloud and others
take or refuse it in their real words. Not one mail leaves the machine.
`,
  };
}

function moral({ accepted, delivered }: DeliveryResult): Bilingual {
  const missing = accepted - delivered;
  return {
    ja: `${grouped(delivered)} 通が届き、${grouped(missing)} 通は届きませんでした。\n1 通ごとに、理由と次にすることが分かります。`,
    en: `${grouped(delivered)} mails arrived, ${grouped(missing)} did not.\nOf each one Todoku can say why, and what to do next.`,
  };
}

type Suggestion = readonly [line: string, text: Bilingual];

function tellNext(
  { say, output }: CommandContext,
  after: { readonly plan: DemoPlan; readonly report: DeliveryReport; readonly result: DeliveryResult },
): void {
  const { plan, report, result } = after;
  const config = `--config ${quoted(plan.configFile)}`;
  const lines: readonly Suggestion[] = result.interrupted
    ? [[`npx todoku resume ${config}`, { ja: '続きを送る', en: 'go on' }]]
    : [
        ...examples(report).map(({ title, example }): Suggestion => [
          `npx todoku why ${quoted(example)} ${config}`,
          { ja: `「${title.ja}」の 1 通を詳しく見る`, en: `one mail of “${title.en}”` },
        ]),
        [`npx todoku ledger ${config}`, { ja: '全メールの行方を確かめる', en: 'account for every mail' }],
        [
          `npx todoku config show ${config}`,
          { ja: '設定と、その出どころを見る', en: 'the settings, and where each came from' },
        ],
        ['npx todoku send --help', { ja: '自分の宛先へ送る', en: 'send to a list of your own' }],
      ];
  if (!result.interrupted) output.print(`\n${say(moral(result))}`);
  output.print(say({ ja: '\n次に試すこと:', en: '\nTry next:' }));
  // No indent, and words that a shell skips: all of it can be copied, and fits 80 columns.
  for (const [line, text] of lines) output.print(`\n# ${say(text)}\n${line}`);
}

// One for each kind of people who have something to do says more than three unknown addresses.
const mostExamples = 3;

function examples({ reasons }: DeliveryReport): DeliveryReport['reasons'] {
  const parties = new Set<string>();
  const chosen = reasons.filter(({ party }) => {
    if (parties.has(party)) return false;
    parties.add(party);
    return true;
  });
  return chosen.slice(0, mostExamples);
}

/** As a POSIX shell and cmd.exe both take it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`;
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
