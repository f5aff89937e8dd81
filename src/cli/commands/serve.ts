import type { Bilingual } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { watchDelivery } from '../delivery-watch.ts';
import { grouped } from '../number-text.ts';
import type { ServeResult, ServeStart } from '../ports.ts';

/** `todoku serve`: everything in one process, until SIGTERM or Ctrl-C. */
export const serve: Command = {
  name: 'serve',
  summary: {
    ja: '常駐して、戻ってくるメールの受け取りと送信待ちの配信を行う（Ctrl-C・SIGTERM で終了）',
    en: 'stay, take returned mail and deliver what waits, until Ctrl-C or SIGTERM',
  },
  examples: [
    {
      line: 'todoku serve --config /etc/todoku.yaml --data /var/lib/todoku',
      doc: {
        ja: '受け口は設定の inbound.* で開きます',
        en: 'its doors are opened by inbound.* of the configuration',
      },
    },
  ],
  run: async (context) =>
    await context.withProduct(async (product) => {
      const watch = watchDelivery(context);
      const { signal, delivering, remark } = watch.port;
      const started = (start: ServeStart): void => tellStart(context, start);
      const { stderr } = context.output;
      const logLine = stderr.isTTY === true ? null : (line: string): void => void stderr.write(line);
      const result = await product
        .serve({
          signal,
          delivering: logLine === null ? delivering : unseen,
          remark,
          started,
          logLine,
          quiet: context.json,
        })
        .finally(() => watch.finish());
      tellEnd(context, result);
      return result.ledger.ok ? 0 : 1;
    }),
};

function unseen(): void {
  // A log has the numbers in /metrics.
}

/** With --json one line at the start and one at the end. */
function tellStart(context: CommandContext, start: ServeStart): void {
  const { output, say } = context;
  if (context.json) {
    output.printJson({ event: 'started', ...start });
    return;
  }
  // The log has it.
  if (output.stderr.isTTY !== true) return;
  const { smtp, returnPaths, maildirs, imap, waiting, doors } = start;
  for (const { name, places } of doors)
    for (const place of places) output.print(say(doorText(name, placeText(place))));
  if (smtp !== null) {
    const place = placeText(smtp);
    const domains = returnPaths.join(', ') || say({ ja: '（domains が未設定）', en: '(no domains yet)' });
    output.print(
      say({
        ja: `戻ってくるメールを ${place} で受け付けます（${domains}）`,
        en: `taking returned mail for ${domains} at ${place}`,
      }),
    );
  }
  for (const each of maildirs)
    output.print(say({ ja: `Maildir ${each} を読みます`, en: `reading the Maildir ${each}` }));
  for (const each of imap)
    output.print(say({ ja: `IMAP ${each} を読みます`, en: `reading ${each} by IMAP` }));
  if (waiting > 0)
    output.print(
      say({
        ja: `送信待ちの ${grouped(waiting)} 通を配信します`,
        en: `delivering ${grouped(waiting)} messages that wait`,
      }),
    );
  output.print(say({ ja: 'Ctrl-C か SIGTERM で終わります', en: 'Ctrl-C or SIGTERM ends it' }));
}

function tellEnd(context: CommandContext, result: ServeResult): void {
  const { output, say } = context;
  const { taken, ledger } = result;
  if (context.json) {
    output.printJson({ event: 'stopped', taken, ledger });
    return;
  }
  if (output.stderr.isTTY !== true) return;
  output.print(
    say({
      ja: `終了しました（バウンスなど ${grouped(taken.news)}・配信停止 ${grouped(taken.unsubscribe)}・レポート ${grouped(taken.report)}・保管 ${grouped(taken.kept)}・対象外 ${grouped(taken.ignored)}・拒否 ${grouped(taken.refused)}）`,
      en: `stopped; taken: ${grouped(taken.news)} bounces and the like, ${grouped(taken.unsubscribe)} unsubscribes, ${grouped(taken.report)} reports, ${grouped(taken.kept)} kept for people, ${grouped(taken.ignored)} of no use; ${grouped(taken.refused)} refused`,
    }),
  );
}

function placeText({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function doorText(name: string, place: string): Bilingual {
  switch (name) {
    case 'http':
      return { ja: `HTTP API: http://${place}/`, en: `HTTP API at http://${place}/` };
    case 'submission':
      return {
        ja: `アプリケーションのメールを ${place} で受け付けます（SMTP）`,
        en: `applications submit mail at ${place} (SMTP)`,
      };
    case 'metrics':
      return {
        ja: `稼働状況: http://${place}/metrics・/readyz`,
        en: `numbers at http://${place}/metrics and /readyz`,
      };
    default:
      return { ja: `${name}: ${place}`, en: `${name}: ${place}` };
  }
}
