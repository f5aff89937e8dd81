import type { Bilingual } from '../base/index.ts';

export type MetricDescription = {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly doc: Bilingual;
};

/** Every number of ours, once: what is exported, and the table of docs/operation.md (a test compares). */
export const metricDescriptions = {
  todoku_messages_accepted_total: {
    kind: 'counter',
    labels: ['via'],
    doc: {
      en: 'Messages accepted (to one recipient each), by how they came: http, smtp, sendmail, campaign.',
      ja: '受け付けたメール（宛先ごとに 1 通）。経路別: http、smtp、sendmail、campaign。',
    },
  },
  todoku_messages_settled_total: {
    kind: 'counter',
    labels: ['state'],
    doc: {
      en: 'Messages that reached a final state: delivered, bounced, expired.',
      ja: '結果が確定したメール: delivered、bounced、expired。',
    },
  },
  todoku_attempts_total: {
    kind: 'counter',
    labels: ['outcome'],
    doc: {
      en: 'Attempts by outcome: delivered, deferred, refused, unknown.',
      ja: '送信の試行。結果別: delivered、deferred、refused、unknown。',
    },
  },
  todoku_holds_total: {
    kind: 'counter',
    labels: ['because'],
    doc: { en: 'Ways out that were held, by reason.', ja: '送信を休んだ経路の数。理由別。' },
  },
  todoku_messages_waiting: {
    kind: 'gauge',
    labels: [],
    doc: { en: 'Messages that wait to be sent or sent again.', ja: '送信待ち・再送待ちのメール。' },
  },
  todoku_engine_running: {
    kind: 'gauge',
    labels: [],
    doc: {
      en: '1 while the delivery engine works, else 0.',
      ja: '配信エンジンが動いていれば 1、なければ 0。',
    },
  },
  todoku_ready: {
    kind: 'gauge',
    labels: [],
    doc: { en: '1 while `/readyz` says yes, else 0.', ja: '`/readyz` が可と答える間 1、なければ 0。' },
  },
  todoku_store_trouble_total: {
    kind: 'counter',
    labels: [],
    doc: {
      en: 'Times the data folder stopped taking writes (a full disk).',
      ja: 'データフォルダーに書けなくなった回数（ディスク満杯など）。',
    },
  },
  todoku_disk_free_bytes: {
    kind: 'gauge',
    labels: [],
    doc: { en: 'Free space on the disk of the data folder.', ja: 'データフォルダーのディスクの空き。' },
  },
  todoku_returned_total: {
    kind: 'counter',
    labels: ['as'],
    doc: {
      en: 'Returned mails taken: news, unsubscribe, report, kept, ignored; and refused.',
      ja: '受け取った戻りメール: news、unsubscribe、report、kept、ignored、および refused。',
    },
  },
  todoku_submission_refused_total: {
    kind: 'counter',
    labels: ['code'],
    doc: {
      en: 'Commands and mails of SMTP submission that were refused, by reply code.',
      ja: 'SMTP での投入で断ったコマンドとメール。返答コード別。',
    },
  },
  todoku_http_requests_total: {
    kind: 'counter',
    labels: ['method', 'status'],
    doc: { en: 'HTTP requests answered.', ja: '応答した HTTP リクエスト。' },
  },
  todoku_http_request_seconds: {
    kind: 'histogram',
    labels: ['method'],
    doc: { en: 'Time from the request to its answer.', ja: 'リクエストから応答までの時間。' },
  },
  todoku_webhook_posts_total: {
    kind: 'counter',
    labels: ['outcome'],
    doc: {
      en: 'Events posted to webhooks, each attempt: taken (2xx) or failed.',
      ja: 'Webhook へのイベント送信の試行。taken（2xx）か failed。',
    },
  },
} as const satisfies Readonly<Record<string, MetricDescription>>;

type Descriptions = typeof metricDescriptions;
type NameOf<Kind extends MetricDescription['kind']> = {
  [Name in keyof Descriptions]: Descriptions[Name]['kind'] extends Kind ? Name : never;
}[keyof Descriptions];

export type CounterName = NameOf<'counter'>;
export type GaugeName = NameOf<'gauge'>;
export type HistogramName = NameOf<'histogram'>;

/** A value for each label of that metric. */
export type Labels<Name extends keyof Descriptions> = {
  readonly [Label in Descriptions[Name]['labels'][number]]: string;
};
