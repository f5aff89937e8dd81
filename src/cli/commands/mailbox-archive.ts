import { AppError } from '../../base/index.ts';
import type { Bilingual } from '../../base/index.ts';
import { fileSizeText } from '../../mailbox/index.ts';
import type { ArchivePlan, ArchiveResult, ArchiveStage, ImapSource } from '../../mailbox/index.ts';
import { askPassword, passwordIn } from '../ask-password.ts';
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
  arguments: [
    {
      name: 'path',
      optional: true,
      doc: { ja: 'mbox ファイルか Maildir', en: 'an mbox file or a Maildir' },
    },
  ],
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
    {
      flags: '--imap <url>',
      doc: {
        ja: 'IMAP のフォルダー（imaps://ユーザー名@ホスト/フォルダー）',
        en: 'a folder of an IMAP mailbox: imaps://user@host/folder',
      },
    },
    {
      flags: '--password-file <file>',
      doc: {
        ja: '1 行目が IMAP のパスワードのファイル',
        en: 'a file whose first line is the password of IMAP',
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
      source: await sourceIn(context, input),
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
        return isWhole(result) ? 0 : 1;
      } finally {
        progress.finish();
      }
    });
  },
};

/** A path, or a folder on a server; its password comes from a file, or is asked for. */
async function sourceIn(
  context: CommandContext,
  input: CommandInput,
): Promise<string | Omit<ImapSource, 'authorities'>> {
  const path = input.argument(0);
  const address = input.option('imap');
  if ((path === undefined) === (address === undefined)) throw oneSource();
  if (address === undefined) return path ?? '';
  // RFC 5092 (the IMAP URL), without its extensions.
  const url = URL.canParse(address) ? new URL(address) : null;
  const isImap = url?.protocol === 'imap:' || url?.protocol === 'imaps:';
  if (url === null || !isImap || url.username === '' || url.password !== '' || url.hostname === '')
    throw noImapUrl();
  const tls = url.protocol === 'imaps:' ? 'implicit' : 'starttls';
  const file = input.option('password-file');
  return {
    host: url.hostname,
    port: url.port === '' ? (tls === 'implicit' ? 993 : 143) : Number(url.port),
    tls,
    user: decoded(url.username),
    password: file === undefined ? await askPassword(context) : passwordIn(file),
    folder: decoded(url.pathname.slice(1)) || 'INBOX',
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) throw noImapUrl();
    throw error;
  }
}

function oneSource(): AppError {
  return new AppError({
    code: 'usage-archive-source',
    message: {
      ja: 'mbox か Maildir の場所と --imap の、どちらか一方を指定してください',
      en: 'name either an mbox or a Maildir, or --imap',
    },
    hint: {
      ja: 'todoku mailbox archive --help で例を見られます',
      en: 'see todoku mailbox archive --help for examples',
    },
  });
}

function noImapUrl(): AppError {
  return new AppError({
    code: 'usage-imap-url',
    message: {
      ja: '--imap は imaps://ユーザー名@ホスト/フォルダー の形で指定してください（パスワードは書けません）',
      en: '--imap must be of the form imaps://user@host/folder, without a password',
    },
    hint: {
      ja: 'ユーザー名の @ は %40 と書き、パスワードは --password-file か画面で渡します',
      en: 'an @ in the user name is written %40; the password comes from --password-file or is asked for',
    },
  });
}

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
  if (!isWhole(result))
    output.print(
      say({
        ja: 'コピーできなかったメールがあり、元の場所に残っています。もう一度実行してください。',
        en: 'Some messages could not be copied and are where they were: run it again.',
      }),
    );
}

/** What was planned and not compared went away meanwhile, was renamed by a mail program, or came incomplete: it is where it was. */
function isWhole({ dryRun, plan, verified }: ArchiveResult): boolean {
  return dryRun || verified >= plan.years.reduce((sum, { messages }) => sum + messages, 0);
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
