import { isIP } from 'node:net';
import { AppError } from '../../base/index.ts';
import { usualPort, usualTls } from '../../mailbox/index.ts';
import { readAddress } from '../../protocol/message/index.ts';
import { askPassword, passwordIn } from '../ask-password.ts';
import { showCheck } from '../check-answer.ts';
import type { CommandInput } from '../command-input.ts';
import type { Command, OptionDescription } from '../command.ts';
import type { MailServer } from '../ports.ts';
import { examineStores } from '../store-examination.ts';

// Long enough for greylisting of a first try to be seen as late rather than lost.
const roundTripMs = 120_000;

const serverOptions: readonly OptionDescription[] = (['imap', 'pop', 'smtp'] as const).map((protocol) => ({
  flags: `--${protocol} <host:port>`,
  doc: {
    ja: `${protocol.toUpperCase()} サーバー（ポート省略時 ${usualPort(protocol)}）`,
    en: `the ${protocol.toUpperCase()} server; without a port, ${usualPort(protocol)}`,
  },
}));

/** `todoku check mailbox`: why somebody cannot send or receive, layer by layer. */
export const checkMailbox: Command = {
  name: 'check mailbox',
  summary: {
    ja: 'メールを送受信できない原因を、回線からメールボックスの中まで順に調べる',
    en: 'find out why somebody cannot send or receive, from the line up to what lies in the mailbox',
  },
  arguments: [
    {
      name: 'address',
      optional: true,
      doc: { ja: 'メールアドレス（設定は自動で探します）', en: 'the address; its settings are looked up' },
    },
  ],
  options: [
    ...serverOptions,
    {
      flags: '--sieve-port <port>',
      doc: {
        ja: '振り分けルールを読む ManageSieve のポート（通常 4190）',
        en: 'port of ManageSieve, to read filter rules; usually 4190',
      },
    },
    {
      flags: '--user <name>',
      doc: { ja: 'ログイン名（省略時はアドレスから）', en: 'login name; left out: made from the address' },
    },
    {
      flags: '--password-file <file>',
      doc: { ja: '1 行目がパスワードのファイル', en: 'a file whose first line is the password' },
    },
    {
      flags: '--ask',
      doc: {
        ja: 'パスワードを端末で尋ねる（どこにも保存しません）',
        en: 'ask for the password; it is stored nowhere',
      },
    },
    {
      flags: '--sender <address>',
      doc: {
        ja: 'この差出人（アドレスか @ドメイン）のメールを探す',
        en: 'look for the mail of this sender (address or @domain)',
      },
    },
    {
      flags: '--round-trip',
      doc: {
        ja: '自分宛てに試験メールを送り、届くまでを見る（最長 2 分）',
        en: 'send a mail to oneself and watch it arrive (2 minutes at most)',
      },
    },
    {
      flags: '--store <path>',
      repeatable: true,
      doc: {
        ja: '手元の保存ファイル（dbx・PST・OST・mbox・Maildir・emlx とそのフォルダー）を調べる',
        en: 'look into local mail stores: dbx, PST, OST, mbox, Maildir, emlx, and folders of them',
      },
    },
  ],
  examples: [
    {
      line: 'todoku check mailbox taro@example.jp --ask --sender news@shop.example',
      doc: { ja: 'そのお店のメールがどこにあるかを調べます', en: 'finds where the mail of that shop is' },
    },
    {
      line: 'todoku check mailbox --imap imap.example.jp:993 --smtp smtp.example.jp:587',
      doc: {
        ja: 'パスワードなしで、接続できるところまで調べます',
        en: 'looks how far one gets without a password',
      },
    },
  ],
  run: async (context, input) => {
    const stores = input.options('store');
    if (stores.length > 0) return await examineStores(context, stores);
    const address = addressOf(input.argument(0));
    const services = (['imap', 'pop', 'smtp'] as const).flatMap((protocol) =>
      serverOf(protocol, input.option(protocol)),
    );
    if (address === null && services.length === 0) throw nothingToCheck();
    const password = await passwordOf(input, async () => await askPassword(context));
    const { output, say } = context;
    return await context.withProduct(async (product) => {
      const request = {
        address,
        services,
        user: input.option('user') ?? null,
        password,
        sender: input.option('sender') ?? null,
        roundTripMs: input.flag('round-trip') ? roundTripMs : null,
        sievePort: input.integer('sieve-port') ?? null,
      };
      return showCheck(context, await product.checkMailbox(request, (step) => output.note(say(step))));
    });
  },
};

async function passwordOf(input: CommandInput, ask: () => Promise<string>): Promise<string | null> {
  const file = input.option('password-file');
  if (file !== undefined) return passwordIn(file);
  return input.flag('ask') ? await ask() : null;
}

function addressOf(text: string | undefined): string | null {
  if (text === undefined) return null;
  const read = readAddress(text);
  if (typeof read !== 'string') return `${read.localPart}@${read.domain}`;
  throw new AppError({
    code: 'usage-address',
    message: { ja: `「${text}」はメールアドレスではありません`, en: `“${text}” is not an e-mail address` },
    hint: {
      ja: '例: todoku check mailbox taro@example.jp',
      en: 'for example: todoku check mailbox taro@example.jp',
    },
  });
}

function serverOf(protocol: MailServer['protocol'], text: string | undefined): readonly MailServer[] {
  if (text === undefined) return [];
  const match = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d{1,5}))?$/.exec(text);
  const host = (match?.[1] ?? '').replaceAll(/[[\]]/g, '').toLowerCase();
  const port = match?.[2] === undefined ? usualPort(protocol) : Number(match[2]);
  const isHost = isIP(host) !== 0 || /^[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?$/.test(host);
  if (isHost && port >= 1 && port <= 65_535) return [{ protocol, host, port, tls: usualTls(port) }];
  throw new AppError({
    code: 'usage-server',
    message: {
      ja: `--${protocol} ${text} はサーバーとして読めません`,
      en: `--${protocol} ${text} names no server`,
    },
    hint: { ja: '「ホスト名:ポート」の形で指定してください', en: 'write it as host:port' },
  });
}

function nothingToCheck(): AppError {
  return new AppError({
    code: 'usage-mailbox',
    message: {
      ja: '調べるメールアドレスかサーバーを指定してください',
      en: 'name an address or a server to check',
    },
    hint: { ja: '使い方: todoku check mailbox --help', en: 'see todoku check mailbox --help' },
  });
}
