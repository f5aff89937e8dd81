import type { Bilingual } from '../../base/index.ts';
import type { PathExplanation } from '../../delivery/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { cutToWidth } from '../display-width.ts';
import { textColumns } from '../output.ts';
import { pathStateText, rateText } from '../path-text.ts';
import { warmupText } from '../source-text.ts';
import type { ExplainedSite } from '../ports.ts';
import { tableText } from '../table.ts';

/** `todoku path explain SITE`: each limit of the ways to a site and who set it, their state, and what the site said last. */
export const pathExplain: Command = {
  name: 'path explain',
  summary: {
    ja: '宛先サイトへの送信の上限と、その出どころ・状態・最近の応答を示す',
    en: 'show each limit of the way to a site and where it comes from, its state and last replies',
  },
  arguments: [
    {
      name: 'site',
      doc: {
        ja: 'ドメイン、MX ホスト、`path list` の宛先サイト、またはプロバイダー（gmail など）',
        en: 'a domain, an MX host, a site as in `path list`, or a provider such as gmail',
      },
    },
  ],
  options: [
    {
      flags: '--source <ip>',
      doc: { ja: 'この送信元 IP アドレスだけ', en: 'only from this sending IP address' },
    },
  ],
  examples: [
    { line: 'todoku path explain au.com', doc: { ja: 'au 宛ての上限と状態', en: 'how mail goes to au' } },
  ],
  run: async (context, input) =>
    await context.withProduct(async (product) => {
      const site = input.argument(0) ?? '';
      const answer = await product.explainPaths({ site, source: input.option('source') ?? null });
      if (context.json) context.output.printJson(answer);
      else tell(context, answer);
      return 0;
    }),
};

const routes: { readonly [Route in ExplainedSite['route']]: Bilingual } = {
  recorded: { ja: '記録から', en: 'as on record' },
  configured: { ja: '設定の delivery.routes から', en: 'by delivery.routes' },
  dns: { ja: 'DNS の MX から', en: 'by the MX records' },
  unknown: {
    ja: 'MX を確かめられないため名前だけから',
    en: 'by its name alone: its MX records could not be read',
  },
};

function tell(context: CommandContext, answer: ExplainedSite): void {
  const { output, say } = context;
  const provider = answer.provider ?? say({ ja: '不明', en: 'not known to us' });
  output.print(`${answer.site}  (${say(routes[answer.route])})`);
  output.print(say({ ja: `プロバイダー: ${provider}`, en: `provider: ${provider}` }));
  for (const path of answer.paths) tellPath(context, path);
}

const limitNames: { readonly [Name in keyof PathExplanation['limits']]: Bilingual } = {
  connections: { ja: '同時接続', en: 'connections' },
  messagesPerConnection: { ja: '1 接続あたりの通数', en: 'messages a connection' },
  connectionsPerMinute: { ja: '1 分あたりの新規接続', en: 'new connections a minute' },
  messagesPerSecond: { ja: '毎秒の通数', en: 'messages a second' },
  messagesPerMinute: { ja: '毎分の通数', en: 'messages a minute' },
  messagesPerHour: { ja: '毎時の通数', en: 'messages an hour' },
  messagesPerDay: { ja: '1 日の通数', en: 'messages a day' },
  recipientsPerMessage: { ja: '1 通あたりの宛先', en: 'recipients a message' },
  messageOctets: { ja: '1 通の大きさ（バイト）', en: 'octets a message' },
  tls: { ja: 'TLS', en: 'TLS' },
};

function tellPath({ output, say, language }: CommandContext, path: ExplainedSite['paths'][number]): void {
  const source = path.source ?? say({ ja: 'システムが選ぶ', en: 'chosen by the system' });
  output.print(say({ ja: `\n送信元: ${source}`, en: `\nsource: ${source}` }));
  output.print(say({ ja: `状態: ${pathStateText(path).ja}`, en: `state: ${pathStateText(path).en}` }));
  if (path.warmup !== null) output.print(say(warmupText(path.warmup)));
  output.print(
    tableText({
      columns: [
        { title: say({ ja: '上限', en: 'limit' }) },
        { title: say({ ja: '値', en: 'value' }), align: 'right' },
        { title: say({ ja: '出どころ', en: 'from' }) },
      ],
      // The names are those of the limits, in their order.
      rows: Object.entries(limitNames).map(([name, text]) => {
        const limit = Object.entries(path.limits).find(([each]) => each === name)?.[1];
        return [text[language], String(limit?.value ?? '-'), limit?.from ?? ''];
      }),
    }),
  );
  const columns = textColumns(output.stdout);
  for (const { at, from, to, because, said } of path.changes) {
    const change = `${rateText(from)} → ${rateText(to)}`;
    output.print(
      cutToWidth(`${new Date(at).toLocaleString('sv-SE')}  ${change}  ${because}: ${said}`, columns),
    );
  }
  for (const { at, outcome, replyCode, said, host } of path.replies) {
    const words = replyCode === null ? said : `${replyCode} ${said}`;
    output.print(
      cutToWidth(`${new Date(at).toLocaleString('sv-SE')}  ${outcome}  ${host}: ${words}`, columns),
    );
  }
}
