import type { ImapMailbox } from '../config.ts';
import { host, listenEndpoint } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, objectOf, optional } from '../list-types.ts';
import { choice, duration, filePath, integer, size, text } from '../scalar-types.ts';

const megabyte = 1_000_000;
const day = 86_400_000;

const mailbox = objectOf<ImapMailbox>({
  host: { type: host, doc: { en: 'IMAP server.', ja: 'IMAP サーバー。' } },
  port: {
    type: integer({ min: 1, max: 65_535 }),
    fallback: { value: 993 },
    doc: { en: 'Its port.', ja: 'ポート。' },
  },
  tls: {
    type: choice(['implicit', 'starttls', 'none']),
    fallback: { value: 'implicit' },
    doc: {
      en: 'TLS from the first byte, after STARTTLS, or none (this machine only).',
      ja: '最初から TLS、STARTTLS の後に TLS、または暗号化なし（同じマシン内のみ）。',
    },
  },
  user: { type: text, doc: { en: 'User name.', ja: 'ユーザー名。' } },
  passwordFile: {
    type: filePath,
    doc: { en: 'File whose first line is the password.', ja: '1 行目がパスワードのファイル。' },
  },
  folder: {
    type: text,
    fallback: { value: 'INBOX' },
    doc: { en: 'Folder that is read.', ja: '読み取るフォルダー。' },
  },
  doneFolder: {
    type: text,
    fallback: { value: 'Todoku' },
    doc: {
      en: 'Folder that mail goes to once it is taken; other mail stays where it is.',
      ja: '処理したメールの移動先フォルダー。それ以外のメールは動かしません。',
    },
  },
});

type InboundKeys = Omit<
  SectionKeys<'inbound'>,
  keyof SectionKeys<'inbound.submission'> | keyof SectionKeys<'inbound.diagnosis'>
>;

/** What comes back: by which doors, and how much of it. */
export const inboundKeys: InboundKeys = {
  'inbound.listen': {
    type: optional(listenEndpoint),
    default: null,
    doc: {
      en: 'Address and port that take bounces, complaints and reports (SMTP) while `todoku serve` runs; the MX of each `returnPath` leads to it.',
      ja: '`todoku serve` がバウンス・苦情・レポートを受け取るアドレスとポート（SMTP）。各 `returnPath` の MX をここに向けます。',
    },
    applies: 'restart',
  },
  'inbound.tls.certificate': {
    type: optional(filePath),
    default: null,
    doc: {
      en: 'Certificate chain (PEM) for STARTTLS; without one Todoku makes its own.',
      ja: 'STARTTLS 用の証明書（PEM、中間証明書を含む）。なければ自己署名のものを作ります。',
    },
    applies: 'restart',
  },
  'inbound.tls.key': {
    type: optional(filePath),
    default: null,
    doc: { en: 'Private key (PEM) of that certificate.', ja: 'その証明書の秘密鍵（PEM）。' },
    applies: 'restart',
  },
  'inbound.limits.messageSizeBytes': {
    type: size({ minBytes: 100_000, maxBytes: 100 * megabyte }),
    // Servers cut what they return (Postfix 50 KB, Exim 100 KB); reports are at most 10 MB (RFC 7489 §7.2.1 has senders cut).
    default: 10 * megabyte,
    doc: { en: 'Largest mail that is taken.', ja: '受け取るメール 1 通の大きさの上限。' },
    applies: 'restart',
  },
  'inbound.limits.connections': {
    type: integer({ min: 1, max: 10_000 }),
    // Postfix answers 100 clients at a time by default (default_process_limit).
    default: 100,
    unit: { en: 'connections', ja: '接続' },
    doc: { en: 'Most connections at a time.', ja: '同時に受ける接続の上限。' },
    applies: 'restart',
  },
  'inbound.limits.connectionsPerClient': {
    type: integer({ min: 1, max: 10_000 }),
    // A large provider brings the bounces of a campaign from few addresses.
    default: 20,
    unit: { en: 'connections', ja: '接続' },
    doc: {
      en: 'Most connections at a time from one IPv4 address or IPv6 /64.',
      ja: '1 つの IPv4 アドレス（IPv6 は /64）から同時に受ける接続の上限。',
    },
    applies: 'restart',
  },
  'inbound.limits.mailsPerMinute': {
    type: integer({ min: 1, max: 1_000_000 }),
    // 100 a second: what a provider returns of a campaign to it at its fastest; more is put off, not lost.
    default: 6_000,
    unit: { en: 'mails', ja: '通' },
    doc: {
      en: 'Most mails a minute from one client; more are asked to come later.',
      ja: '1 つの接続元から 1 分間に受け取る通数の上限。超えた分は後で送り直してもらいます。',
    },
    applies: 'restart',
  },
  'inbound.limits.recipients': {
    type: integer({ min: 1, max: 1_000 }),
    // RFC 5321 §4.5.3.1.8: at least 100 have to be taken.
    default: 100,
    unit: { en: 'recipients', ja: '宛先' },
    doc: { en: 'Most recipients of one mail.', ja: '1 通の宛先の上限。' },
    applies: 'restart',
  },
  'inbound.limits.freeDiskBytes': {
    type: size({ minBytes: 0, maxBytes: 1_000_000 * megabyte }),
    // The states of some 400,000 messages on their way; Postfix keeps 1.5 mails free for itself (queue_minfree).
    default: 200 * megabyte,
    doc: {
      en: 'Returned mail is put off while less than this is free on the disk of the data folder: what is sent has to be written down.',
      ja: 'データフォルダーのディスクの空きがこれより少ない間は、戻ってくるメールを後で送り直してもらいます（送信の記録を優先）。',
    },
    applies: 'restart',
  },
  'inbound.staleAfterMs': {
    type: duration({ minMs: day }),
    // Queues give up after 5 days, vacation of a postmaster included; complaints come weeks later. Then a return path is
    // only found by those who search old mail for one.
    default: 60 * day,
    doc: {
      en: 'How long after its last state a message still believes news; older news is kept and changes nothing.',
      ja: '配送結果が出てからこの期間を過ぎたメールへの知らせは、記録するだけで状態を変えません。',
    },
    applies: 'restart',
  },
  'inbound.maildirs': {
    type: listOf(filePath),
    default: [],
    doc: {
      en: 'Maildir folders that `todoku serve` reads returned mail from.',
      ja: '`todoku serve` が戻ってきたメールを読み取る Maildir フォルダー。',
    },
    applies: 'restart',
  },
  'inbound.imap': {
    type: listOf(mailbox),
    default: [],
    doc: {
      en: 'IMAP mailboxes that returned mail is fetched from.',
      ja: '戻ってきたメールを取り込む IMAP メールボックス。',
    },
    applies: 'restart',
  },
  'inbound.olderKeys': {
    type: listOf(filePath),
    default: [],
    doc: {
      en: 'Former `secret.key` files whose return paths are honoured still.',
      ja: '以前の `secret.key` ファイル。その鍵で署名した返送先も引き続き受け付けます。',
    },
    applies: 'restart',
  },
};
