import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import { fileSizeText } from '../../mailbox/index.ts';
import type { ArchivePlan, ArchiveResult, ArchiveStage } from '../../mailbox/index.ts';
import type { CommandInput } from '../command-input.ts';
import type { Command, CommandContext } from '../command.ts';
import { grouped } from '../number-text.ts';
import { barText, createProgress } from '../progress.ts';

const plainEveryMs = 10_000;
const barColumns = 30;

const stages: { readonly [Stage in ArchiveStage]: Bilingual } = {
  plan: { ja: '調べています', en: 'looking' },
  copy: { ja: 'コピーしています', en: 'copying' },
  verify: { ja: '照合しています', en: 'comparing' },
  remove: { ja: '元から外しています', en: 'taking away' },
};

/** `todoku mailbox archive`: old mail into a folder for each year; removed only after every copy was compared. */
export const mailboxArchive: Command = {
  name: 'mailbox archive',
  summary: {
    ja: '古いメールを年ごとのフォルダーへ移して、メールボックスを軽くする',
    en: 'move old mail into a folder for each year',
  },
  arguments: [{ name: 'path', doc: { ja: 'mbox ファイルか Maildir', en: 'an mbox file or a Maildir' } }],
  options: [
    {
      flags: '--before <year>',
      required: true,
      doc: { ja: 'この年より前のメールを対象にする', en: 'mail of earlier years is archived' },
    },
    {
      flags: '--to <dir>',
      required: true,
      doc: {
        ja: '保存先（年ごとのフォルダーを作ります）',
        en: 'where to; a folder for each year is made there',
      },
    },
    { flags: '--dry-run', doc: { ja: '件数と大きさを調べるだけ', en: 'only count what would be archived' } },
    {
      flags: '--delete',
      doc: {
        ja: 'コピーを 1 通ずつ照合した後、元から取り除く',
        en: 'take it away from the original, after each copy was compared with it',
      },
    },
  ],
  examples: [
    {
      line: 'todoku mailbox archive ~/Maildir --before 2024 --to ~/mail-archive --dry-run',
      doc: { ja: '年ごとに何通あるかを見ます', en: 'shows how much there is of each year' },
    },
    {
      line: 'todoku mailbox archive ~/Maildir --before 2024 --to ~/mail-archive --delete',
      doc: {
        ja: '途中で止まっても、同じコマンドで続きから始めます',
        en: 'the same command goes on after an interruption',
      },
    },
  ],
  run: async (context, input) => {
    const { output, clock, say } = context;
    const request = {
      source: input.argument(0) ?? '',
      before: yearIn(input),
      to: input.required('to'),
      dryRun: input.flag('dry-run'),
      removes: input.flag('delete'),
    };
    const signal = context.interruption();
    const progress = createProgress({ stream: output.stderr, clock, plainEveryMs });
    return await context.withProduct(async (product) => {
      try {
        const result = await product.archiveMail(request, {
          signal,
          planned: (plan) => {
            progress.finish();
            for (const line of planLines(context, plan)) output.note(line);
          },
          progress: (stage, done, all) =>
            progress.update(() => [`${barText(done / Math.max(1, all), barColumns)} ${say(stages[stage])}`]),
        });
        progress.finish();
        tell(context, result);
        return 0;
      } finally {
        progress.finish();
      }
    });
  },
};

function tell({ json, output, say }: CommandContext, result: ArchiveResult): void {
  if (json) {
    output.printJson(result);
    return;
  }
  const { copied, verified, removed } = result;
  if (result.dryRun)
    output.print(
      say({ ja: '調べただけで、何も書いていません。', en: 'Nothing was written: this was a dry run.' }),
    );
  else
    output.print(
      say({
        ja: `コピー ${grouped(copied)} 通、照合 ${grouped(verified)} 通、元から取り除いたもの ${grouped(removed)} 通`,
        en: `${grouped(copied)} copied, ${grouped(verified)} compared with the original, ${grouped(removed)} taken away`,
      }),
    );
}

function planLines({ say }: CommandContext, { years, stays, undated }: ArchivePlan): readonly string[] {
  const lines = years.map(({ year, messages, octets }) =>
    say({
      ja: `${year} 年: ${grouped(messages)} 通、${fileSizeText(octets)}`,
      en: `${year}: ${grouped(messages)} messages, ${fileSizeText(octets)}`,
    }),
  );
  const rest = say({
    ja: `残すもの: ${grouped(stays)} 通（うち日付の分からないもの ${grouped(undated)} 通）`,
    en: `stays: ${grouped(stays)} messages (${grouped(undated)} without a date)`,
  });
  return [...lines, rest];
}

function yearIn(input: CommandInput): number {
  const year = input.integer('before');
  // The first year of which a mail can be; four digits as in every Date field.
  if (year !== undefined && year > 1971 && year <= 9999) return year;
  throw new AppError({
    code: 'usage-year',
    message: {
      ja: '--before には西暦の年を 4 桁で指定してください',
      en: '--before must be a year of four digits',
    },
    hint: { ja: '例: --before 2024', en: 'for example: --before 2024' },
  });
}
