import { AppError } from '../../base/index.ts';
import type { Command } from '../command.ts';

/** `todoku path resume`: lifts what reactions to replies stopped, before its time. */
export const pathResume: Command = {
  name: 'path resume',
  summary: {
    ja: '応答を受けて止まっている送信を、期限を待たずに再開する',
    en: 'go on with what replies made us stop, before its time is over',
  },
  arguments: [
    {
      name: 'site',
      optional: true,
      doc: {
        ja: '宛先サイト・MX ホスト・ドメイン（省略すると、キャンペーン以外のすべて）',
        en: 'a site, MX host or domain; left out: everything but held campaigns',
      },
    },
  ],
  options: [
    {
      flags: '--source <ip>',
      doc: { ja: 'この送信元 IP アドレスの分だけ', en: 'only what concerns this sending address' },
    },
    {
      flags: '--campaign <name>',
      doc: { ja: '止められているキャンペーン', en: 'a campaign that is held' },
    },
  ],
  examples: [
    {
      line: 'todoku path resume gmail-smtp-in.l.google.com --source 192.0.2.1',
      doc: { ja: 'この経路の送信を再開する', en: 'go on sending there from that address' },
    },
    {
      line: 'todoku path resume --campaign c-20261124-1',
      doc: { ja: 'キャンペーンを再開する', en: 'release a campaign' },
    },
  ],
  run: async (context, input) =>
    await context.withProduct((product) => {
      const site = input.argument(0) ?? null;
      const source = input.option('source') ?? null;
      const campaign = input.option('campaign') ?? null;
      if (campaign !== null && (site !== null || source !== null)) throw bothAsked();
      const answer = product.liftStops({ site: site?.toLowerCase() ?? null, source, campaign });
      const { lifted, asked } = answer;
      if (context.json) context.output.printJson(answer);
      else if (lifted === 0)
        context.output.print(
          context.say({ ja: '該当する停止はありません', en: 'nothing like that is stopped' }),
        );
      else
        context.output.print(
          context.say(
            asked
              ? {
                  ja: `${lifted} 件の停止の解除を、動作中の Todoku に依頼しました（1秒ほどで再開します）`,
                  en: `the running Todoku was asked to lift ${lifted} of them; it goes on within a second or so`,
                }
              : { ja: `${lifted} 件の停止を解除しました`, en: `${lifted} of them lifted` },
          ),
        );
      return Promise.resolve(lifted === 0 ? 1 : 0);
    }),
};

function bothAsked(): AppError {
  return new AppError({
    code: 'usage-campaign-or-path',
    message: {
      ja: '--campaign は、宛先サイトや --source と一緒には使えません',
      en: '--campaign does not go together with a site or --source',
    },
    hint: { ja: '別々に実行してください', en: 'run the command twice' },
  });
}
