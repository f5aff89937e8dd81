import { listenEndpoint, natsAddress, storageAddress, webAddress } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, optional } from '../list-types.ts';
import { boolean, choice, duration, filePath, integer, size } from '../scalar-types.ts';

const kilobyte = 1000;
const megabyte = 1000 * kilobyte;

/** Storage, the doors to the outside, limits, log: what is no part of sending itself. */
export const serviceKeys: SectionKeys<
  'storage' | 'cluster' | 'http' | 'knowledge' | 'compose' | 'metrics' | 'log'
> = {
  'storage.url': {
    type: storageAddress,
    default: '',
    doc: {
      en: 'Where the state is kept: `sqlite:FOLDER`; empty means the folder of `--data`. `postgres://…` is not available in this version.',
      ja: '状態の保存先: `sqlite:フォルダー`。空なら `--data` のフォルダー。`postgres://…` はこのバージョンでは使えません。',
    },
    applies: 'restart',
  },
  'cluster.nats': {
    type: optional(natsAddress),
    default: null,
    doc: {
      en: 'NATS server for work shared by several machines; not available in this version.',
      ja: '複数のマシンで仕事を分け合うための NATS サーバー。このバージョンでは使えません。',
    },
    applies: 'restart',
  },
  'http.listen': {
    type: optional(listenEndpoint),
    default: null,
    doc: {
      en: 'Address and port of the HTTP API and the public pages.',
      ja: 'HTTP API と公開ページのアドレスとポート。',
    },
    applies: 'restart',
  },
  'http.limits.requestsPerMinute': {
    type: integer({ min: 1, max: 10_000_000 }),
    // 5,000 a second is what two cores accept; a program gone wild is stopped before it holds up the others for long.
    default: 300_000,
    unit: { en: 'requests', ja: 'リクエスト' },
    doc: {
      en: 'Requests a minute of each API key, where the key has no limit of its own.',
      ja: 'API キーごとの 1 分間のリクエスト数の上限（キー自身に上限がない場合）。',
    },
    applies: 'restart',
  },
  'http.limits.bodySizeBytes': {
    type: size({ minBytes: kilobyte, maxBytes: 500 * megabyte }),
    // A mail of 25 MB, as large providers take, with its attachments in base64.
    default: 35 * megabyte,
    doc: { en: 'Largest body of a request.', ja: 'リクエスト本文の大きさの上限。' },
    applies: 'restart',
  },
  'http.limits.uploadSizeBytes': {
    type: size({ minBytes: kilobyte, maxBytes: 10_000 * megabyte }),
    // A million recipients with a few columns have 60 to 200 MB.
    default: 500 * megabyte,
    doc: {
      en: 'Largest list of recipients that may be uploaded for a campaign.',
      ja: 'キャンペーンの宛先リストのアップロードの上限。',
    },
    applies: 'restart',
  },
  'http.publicUrl': {
    type: webAddress,
    defaultFrom: (facts) => `https://${facts.deliveryHostname}`,
    defaultDoc: { en: '`https://` and `delivery.hostname`', ja: '`https://` と `delivery.hostname`' },
    doc: {
      en: 'Base of the links in mails (unsubscribing), as recipients reach it.',
      ja: 'メール内のリンク（配信停止）の起点。受信者から見える URL です。',
    },
    applies: 'reload',
  },
  'knowledge.folders': {
    type: listOf(filePath),
    default: [],
    doc: {
      en: 'Own folders with reply rules, providers and advice (`replies/NAME.yaml` …, see knowledge/README.md); their rules are tried before those of Todoku.',
      ja: '独自の応答規則・事業者・助言のフォルダー（`replies/名前.yaml` など、knowledge/README.md 参照）。Todoku の規則より先に試されます。',
    },
    applies: 'restart',
  },
  'compose.limits.renderMs': {
    type: duration({ maxMs: 60_000 }),
    // A newsletter renders in well under 10 ms; a second means a loop in the template.
    default: 1000,
    doc: {
      en: 'Longest time that a template may take for one recipient.',
      ja: '1 通分のテンプレート処理にかけてよい時間。',
    },
    applies: 'reload',
  },
  'compose.limits.memoryBytes': {
    type: size({ minBytes: 100 * kilobyte, maxBytes: 1000 * megabyte }),
    // Twice the largest message: a template holds its output and what it builds it from.
    default: 50 * megabyte,
    doc: {
      en: 'Most memory that a template may take for one recipient.',
      ja: '1 通分のテンプレート処理に使ってよいメモリー。',
    },
    applies: 'reload',
  },
  'compose.limits.messageSizeBytes': {
    type: size({ minBytes: kilobyte, maxBytes: 500 * megabyte }),
    // The large providers take 20 to 35 MB.
    default: 25 * megabyte,
    doc: { en: 'Largest message that may be made.', ja: '作成してよいメール 1 通の大きさ。' },
    applies: 'reload',
  },
  'metrics.listen': {
    type: optional(listenEndpoint),
    default: null,
    doc: {
      en: 'Address and port of `/metrics`, `/healthz` and `/readyz` alone; without it they are answered at `http.listen`.',
      ja: '`/metrics`・`/healthz`・`/readyz` だけのアドレスとポート。なければ `http.listen` で答えます。',
    },
    applies: 'restart',
  },
  'log.level': {
    type: choice(['error', 'warn', 'info', 'debug']),
    default: 'info',
    doc: {
      en: 'How much `todoku serve` logs when its standard error is no terminal.',
      ja: '標準エラー出力が端末でないときに `todoku serve` が書くログの詳しさ。',
    },
    applies: 'restart',
  },
  'log.maskAddresses': {
    type: boolean,
    default: false,
    doc: {
      en: 'Local parts of mail addresses are left out of the log: `t***@example.jp`.',
      ja: 'ログのメールアドレスの @ より前を伏せる: `t***@example.jp`。',
    },
    applies: 'restart',
  },
};
