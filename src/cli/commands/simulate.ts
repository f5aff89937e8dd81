import { once } from 'node:events';
import type { Command } from '../command.ts';
import { tableText } from '../table.ts';

/** `todoku simulate`: the simulated internet for other programs, until Ctrl-C. */
export const simulate: Command = {
  name: 'simulate',
  summary: {
    ja: '模擬インターネット（DNS とメールプロバイダー）をこのマシンで動かす',
    en: 'run the simulated internet (DNS and mailbox providers) on this machine until Ctrl-C',
  },
  options: [
    {
      flags: '--seed <text>',
      doc: {
        ja: '同じ文字列なら同じ結果になります（省略時 todoku）',
        en: 'the same text gives the same fates; todoku when left out',
      },
    },
    {
      flags: '--port <port>',
      doc: { ja: 'SMTP のポート（省略時は空いているもの）', en: 'SMTP port; a free one when left out' },
    },
    {
      flags: '--dns-port <port>',
      doc: { ja: 'DNS のポート（省略時は空いているもの）', en: 'DNS port; a free one when left out' },
    },
    {
      flags: '--time-scale <n>',
      doc: { ja: '時間を何倍速にするか（省略時 1）', en: 'how many seconds pass in one; 1 when left out' },
    },
    {
      flags: '--folder <folder>',
      doc: {
        ja: '証明書などを置くフォルダー（省略時は一時フォルダー）',
        en: 'where its certificates go; a temporary folder when left out',
      },
    },
  ],
  run: async (context, input) => {
    const { output, say } = context;
    const stopped = context.interruption();
    const simulation = await context.startSimulation({
      seed: input.option('seed') ?? 'todoku',
      folder: input.option('folder') ?? null,
      port: input.integer('port') ?? 0,
      dnsPort: input.integer('dns-port') ?? 0,
      timeScale: input.integer('time-scale') ?? 1,
    });
    const { dnsServer, smtpPort, caFile, providers } = simulation;
    if (context.json) output.printJson({ dnsServer, smtpPort, caFile, providers });
    else {
      const columns = [
        { title: say({ ja: 'プロバイダー', en: 'provider' }) },
        { title: say({ ja: 'ドメイン', en: 'domains' }) },
      ];
      output.print(
        tableText({ columns, rows: providers.map((each) => [say(each.name), each.domains.join(' ')]) }),
      );
      output.print(say({ ja: '\n設定ファイルに書くもの:', en: '\nfor your todoku.yaml:' }));
      output.print(
        `dns:\n  servers: ["${dnsServer}"]\ndelivery:\n  port: ${smtpPort}${caFile === null ? '' : `\n  tlsCa: ${caFile}`}`,
      );
      output.note(say({ ja: '\nCtrl-C で終わります', en: '\nCtrl-C ends it' }));
    }
    if (!stopped.aborted) await once(stopped, 'abort');
    const stats = simulation.stats();
    await simulation.stop();
    if (context.json) output.printJson(stats);
    return 0;
  },
};
