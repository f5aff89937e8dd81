import { AppError } from '../../base/index.ts';
import type { Command, CommandContext } from '../command.ts';
import { grouped } from '../number-text.ts';
import type { IntakeResult } from '../ports.ts';
import { createProgress } from '../progress.ts';

// A log file gets a line this often.
const plainEveryMs = 5_000;
// 128 + SIGINT, as the other commands.
const interruptedExitCode = 130;

/** `todoku intake`: returned mail out of files, Maildirs and IMAP mailboxes, once. */
export const intake: Command = {
  name: 'intake',
  summary: {
    ja: 'ファイル・Maildir・IMAP から、戻ってきたメールを一度だけ取り込む',
    en: 'take returned mail out of files, Maildir folders or IMAP mailboxes, once',
  },
  arguments: [
    {
      name: 'file',
      variadic: true,
      optional: true,
      doc: {
        ja: 'メール、mbox、通知の JSON、それらのフォルダー、または Maildir',
        en: 'a mail, an mbox, notifications in JSON, a folder of them, or a Maildir',
      },
    },
  ],
  options: [
    {
      flags: '--imap',
      doc: {
        ja: '設定の inbound.imap のメールボックスから取り込む',
        en: 'take from the mailboxes of inbound.imap in the configuration',
      },
    },
  ],
  examples: [
    {
      line: 'todoku intake ~/Maildir/.bounces',
      doc: { ja: '同じメールを二度読んでも一度だけ数えます', en: 'a mail that is read twice counts once' },
    },
  ],
  run: async (context, input) => {
    const paths = input.argumentsFrom(0);
    const imap = input.flag('imap');
    if (paths.length === 0 && !imap) throw nothingGiven();
    return await context.withProduct(async (product) => {
      const progress = createProgress({ stream: context.output.stderr, clock: context.clock, plainEveryMs });
      const watch = {
        signal: context.interruption(),
        remark: (text: { readonly ja: string; readonly en: string }) => progress.note(context.say(text)),
        progress(mails: number) {
          if (context.json) return;
          progress.update(() => [
            context.say({ ja: `取り込み ${grouped(mails)} 通`, en: `mails read: ${grouped(mails)}` }),
          ]);
        },
      };
      const result = await product.takeIn({ paths, imap }, watch).finally(() => progress.finish());
      tell(context, result);
      return result.interrupted ? interruptedExitCode : 0;
    });
  },
};

function tell(context: CommandContext, { taken, skipped, interrupted }: IntakeResult): void {
  const { output, say } = context;
  if (context.json) {
    output.printJson({ ...taken, skipped, interrupted });
    return;
  }
  if (interrupted)
    output.print(
      say({
        ja: '中断しました。同じコマンドで続きから取り込めます',
        en: 'interrupted; the same command takes the rest',
      }),
    );
  output.print(
    say({
      ja: `バウンスなど ${grouped(taken.news)}・配信停止 ${grouped(taken.unsubscribe)}・レポート ${grouped(taken.report)}・対象外 ${grouped(taken.ignored)}・読めなかったもの ${grouped(skipped)}`,
      en: `${grouped(taken.news)} bounces and the like, ${grouped(taken.unsubscribe)} unsubscribes, ${grouped(taken.report)} reports, ${grouped(taken.ignored)} of no use, ${grouped(skipped)} not read`,
    }),
  );
}

function nothingGiven(): AppError {
  return new AppError({
    code: 'usage-intake',
    message: { ja: '取り込むものがありません', en: 'nothing to take in' },
    hint: {
      ja: 'ファイルか Maildir を指定するか、--imap を付けてください',
      en: 'name files or a Maildir, or add --imap',
    },
  });
}
