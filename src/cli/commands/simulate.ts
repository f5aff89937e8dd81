import { once } from 'node:events';
import { AppError } from '../../base/index.ts';
import type { CommandInput } from '../command-input.ts';
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
      port: bounded(input, 'port', { lowest: 0, highest: highestPort, unset: 0 }),
      dnsPort: bounded(input, 'dns-port', { lowest: 0, highest: highestPort, unset: 0 }),
      timeScale: bounded(input, 'time-scale', { lowest: 1, highest: fastest, unset: 1 }),
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

const highestPort = 65_535; // RFC 9293 §3.1: 16 bits
// A day passes in a second: nobody waits for more.
const fastest = 86_400;

function bounded(
  input: CommandInput,
  name: string,
  { lowest, highest, unset }: { readonly lowest: number; readonly highest: number; readonly unset: number },
): number {
  const value = input.integer(name) ?? unset;
  if (value >= lowest && value <= highest) return value;
  throw new AppError({
    code: 'simulate-out-of-range',
    message: {
      ja: `--${name} は ${lowest}〜${highest} で指定してください（今の値: ${value}）`,
      en: `--${name} must be ${lowest}–${highest}, not ${value}`,
    },
  });
}
