import { listenEndpoint } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { optional } from '../list-types.ts';
import { boolean, duration, filePath, integer, size } from '../scalar-types.ts';

const megabyte = 1_000_000;
const hour = 3_600_000;

/** Mail that applications hand over by SMTP. */
export const submissionKeys: SectionKeys<'inbound.submission'> = {
  'inbound.submission.listen': {
    type: optional(listenEndpoint),
    default: null,
    doc: {
      en: 'Address and port where applications submit mail (SMTP with STARTTLS, port 587).',
      ja: 'アプリケーションがメールを投入するアドレスとポート（SMTP、STARTTLS、587 番）。',
    },
    applies: 'restart',
  },
  'inbound.submission.listenTls': {
    type: optional(listenEndpoint),
    default: null,
    doc: {
      en: 'The same with TLS from the first byte (port 465).',
      ja: '同じく、最初から TLS（465 番）。',
    },
    applies: 'restart',
  },
  'inbound.submission.socket': {
    type: optional(filePath),
    default: null,
    doc: {
      en: 'Socket by which `todoku sendmail` of this machine hands over mail; `submission.sock` in the data folder when left out. Whoever may open it may send for every domain.',
      ja: 'このマシンの `todoku sendmail` がメールを渡すソケット。省略時はデータフォルダーの `submission.sock`。開ける人は全ドメインから送れます。',
    },
    applies: 'restart',
  },
  'inbound.submission.tls.certificate': {
    type: optional(filePath),
    default: null,
    doc: {
      en: 'Certificate chain (PEM) for submission; without one that of `inbound.tls`, or one that Todoku makes, which clients do not trust.',
      ja: '投入用の証明書（PEM、中間証明書を含む）。なければ `inbound.tls` のもの、それもなければ自己署名（クライアントは信頼しません）。',
    },
    applies: 'restart',
  },
  'inbound.submission.tls.key': {
    type: optional(filePath),
    default: null,
    doc: { en: 'Private key (PEM) of that certificate.', ja: 'その証明書の秘密鍵（PEM）。' },
    applies: 'restart',
  },
  'inbound.submission.clearLoopback': {
    type: boolean,
    default: false,
    doc: {
      en: 'Programs of this machine (127.0.0.1, ::1) may log in without TLS.',
      ja: 'このマシンのプログラム（127.0.0.1、::1）に、TLS なしのログインを許します。',
    },
    applies: 'restart',
  },
  'inbound.submission.hideClient': {
    type: boolean,
    default: false,
    doc: {
      en: 'Leave name and address of the submitting program out of the Received field.',
      ja: 'Received 欄に、投入したプログラムの名前とアドレスを書きません。',
    },
    applies: 'restart',
  },
  'inbound.submission.delayNoticeMs': {
    type: duration({ minMs: 60_000 }),
    // What Sendmail told by default (confTO_QUEUEWARN); less would tell of every greylisting.
    default: 4 * hour,
    doc: {
      en: 'Whoever submitted a mail by SMTP is told, once, when it has waited so long.',
      ja: 'SMTP で投入されたメールがこの時間待っていたら、投入者に一度だけ知らせます。',
    },
    applies: 'restart',
  },
  'inbound.submission.limits.messageSizeBytes': {
    type: size({ minBytes: 100_000, maxBytes: 150 * megabyte }),
    // 25 MB of attachments, what Gmail takes, are 34 MB in base64.
    default: 35 * megabyte,
    doc: { en: 'Largest mail that is taken.', ja: '受け取るメール 1 通の大きさの上限。' },
    applies: 'restart',
  },
  'inbound.submission.limits.recipients': {
    type: integer({ min: 1, max: 1_000 }),
    // RFC 5321 §4.5.3.1.8: at least 100; the outbox takes 1,000.
    default: 1_000,
    unit: { en: 'recipients', ja: '宛先' },
    doc: { en: 'Most recipients of one mail.', ja: '1 通の宛先の上限。' },
    applies: 'restart',
  },
  'inbound.submission.limits.connections': {
    type: integer({ min: 1, max: 10_000 }),
    // 128 KB each at most for mails that ask for no more: 128 MB.
    default: 1_000,
    unit: { en: 'connections', ja: '接続' },
    doc: { en: 'Most connections at a time.', ja: '同時に受ける接続の上限。' },
    applies: 'restart',
  },
  'inbound.submission.limits.connectionsPerClient': {
    type: integer({ min: 1, max: 10_000 }),
    // An application server with a pool in each of its workers.
    default: 200,
    unit: { en: 'connections', ja: '接続' },
    doc: {
      en: 'Most connections at a time from one IPv4 address or IPv6 /64.',
      ja: '1 つの IPv4 アドレス（IPv6 は /64）から同時に受ける接続の上限。',
    },
    applies: 'restart',
  },
};
