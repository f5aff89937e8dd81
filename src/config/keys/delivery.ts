import { domainPattern, greetingName, host } from '../host-types.ts';
import type { DeliveryRoute, DeliveryTlsPolicy } from '../config.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, objectOf, optional } from '../list-types.ts';
import { choice, duration, filePath, hoursOfDay, integer, timezone } from '../scalar-types.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const route = objectOf<DeliveryRoute>({
  domain: {
    type: domainPattern,
    doc: {
      en: '`"*"` for all, a domain, or `"*.domain"` for everything below one; the first match wins.',
      ja: 'すべてなら `"*"`、ドメイン、またはその下すべてなら `"*.ドメイン"`。最初に一致したものを使います。',
    },
  },
  host: { type: host, doc: { en: 'Host name or IP address.', ja: 'ホスト名か IP アドレス。' } },
  port: {
    type: integer({ min: 1, max: 65_535 }),
    fallback: { value: 25 },
    doc: { en: 'SMTP port.', ja: 'SMTP のポート。' },
  },
});

const tlsPolicy = objectOf<DeliveryTlsPolicy>({
  domain: {
    type: domainPattern,
    doc: {
      en: '`"*"` for all, a recipient domain, or `"*.domain"` for everything below one; the first match wins.',
      ja: 'すべてなら `"*"`、宛先ドメイン、またはその下すべてなら `"*.ドメイン"`。最初に一致したものを使います。',
    },
  },
  mode: {
    type: choice(['none', 'opportunistic', 'required', 'verified', 'dane']),
    doc: {
      en: '`none` and `opportunistic` also against what the domain publishes; `required`: encrypted; `verified`: with a valid certificate; `dane`: as its TLSA records say, or not at all.',
      ja: '`none` と `opportunistic` はドメインの公開する方針より優先します。`required` は暗号化必須、`verified` は有効な証明書も必須、`dane` は TLSA レコードどおりでなければ送りません。',
    },
  },
});

type DeliveryKeys = SectionKeys<'delivery'>;

const wayOut: Omit<DeliveryKeys, keyof typeof patience | keyof typeof hours> = {
  'delivery.routes': {
    type: listOf(route),
    default: [],
    doc: {
      en: 'Hosts that take the mail of some domains instead of their MX hosts.',
      ja: '特定のドメイン宛てのメールを、MX の代わりに渡すホスト。',
    },
    applies: 'reload',
  },
  'delivery.hostname': {
    type: greetingName,
    defaultFrom: (facts) => facts.systemHostname,
    defaultDoc: { en: 'the name of this machine', ja: 'このマシンの名前' },
    doc: {
      en: 'The name Todoku greets with (EHLO); it should resolve to the sending IP address, and that back to it.',
      ja: 'EHLO で名乗る名前。送信元 IP アドレスと正引き・逆引きが一致する必要があります。',
    },
    applies: 'restart',
  },
  'delivery.port': {
    type: integer({ min: 1, max: 65_535 }),
    // RFC 5321 §4.5.4.2: mail between servers goes to port 25.
    default: 25,
    doc: { en: 'Port of the MX hosts.', ja: '宛先 MX ホストのポート。' },
    applies: 'restart',
  },
  'delivery.connectionsPerPath': {
    type: integer({ min: 1, max: 10_000 }),
    // As much as Postfix opens to one destination by default (default_destination_concurrency_limit = 20).
    default: 20,
    unit: { en: 'connections', ja: '接続' },
    doc: {
      en: 'Most connections at a time from one source IP address to one site.',
      ja: '1 つの送信元 IP アドレスから 1 つの宛先サイトへ同時に張る接続の上限。',
    },
    applies: 'reload',
  },
  'delivery.threads': {
    type: integer({ min: 0, max: 64 }),
    default: 0,
    unit: { en: 'threads', ja: 'スレッド' },
    doc: {
      en: 'Threads that compose, sign and send; 0: one per processor core.',
      ja: '作成・署名・送信を行うスレッドの数。0 なら CPU コアの数だけ使います。',
    },
    applies: 'restart',
  },
  'delivery.messagesPerConnection': {
    type: integer({ min: 1, max: 1_000_000 }),
    // Several providers close a connection after about this many.
    default: 100,
    unit: { en: 'messages', ja: '通' },
    doc: {
      en: 'Messages over one connection before it is closed.',
      ja: '1 本の接続で送る通数の上限。達したら閉じます。',
    },
    applies: 'reload',
  },
  'delivery.tls': {
    type: choice(['none', 'opportunistic', 'required']),
    default: 'opportunistic',
    doc: {
      en: 'STARTTLS: never, whenever the server offers it, or no delivery without it.',
      ja: 'STARTTLS の使い方: 使わない、相手が対応していれば使う、使えなければ送らない。',
    },
    applies: 'restart',
  },
  'delivery.tlsCa': {
    type: optional(filePath),
    default: null,
    doc: {
      en: 'File with CA certificates (PEM) to trust besides the well-known ones.',
      ja: '一般の認証局に加えて信頼する CA 証明書のファイル（PEM）。',
    },
    applies: 'restart',
  },
  'delivery.tlsPolicies': {
    type: listOf(tlsPolicy),
    default: [],
    doc: {
      en: 'What mail to some domains demands of TLS. Elsewhere `delivery.tls` counts, and what a domain publishes (DANE, MTA-STS).',
      ja: '特定のドメイン宛てのメールに求める TLS。ほかは `delivery.tls` と、ドメインの公開する方針（DANE、MTA-STS）に従います。',
    },
    applies: 'restart',
  },
};

// The defaults obey RFC 5321 §4.5.3.2.1–.6; connecting is not covered there: 30 s is what Postfix waits.
const patience = {
  'delivery.timeouts.connectMs': {
    type: duration(),
    default: 30 * second,
    doc: { en: 'Wait for a TCP connection.', ja: 'TCP 接続を待つ時間。' },
    applies: 'reload',
  },
  'delivery.timeouts.bannerMs': {
    type: duration(),
    default: 5 * minute,
    doc: { en: 'Wait for the 220 greeting.', ja: '最初の応答 220 を待つ時間。' },
    applies: 'reload',
  },
  'delivery.timeouts.commandMs': {
    type: duration(),
    default: 5 * minute,
    doc: {
      en: 'Wait for the reply to EHLO, STARTTLS, MAIL and RCPT.',
      ja: 'EHLO・STARTTLS・MAIL・RCPT への応答を待つ時間。',
    },
    applies: 'reload',
  },
  'delivery.timeouts.dataMs': {
    type: duration(),
    default: 2 * minute,
    doc: { en: 'Wait for the 354 after DATA.', ja: 'DATA への応答 354 を待つ時間。' },
    applies: 'reload',
  },
  'delivery.timeouts.blockMs': {
    type: duration(),
    default: 3 * minute,
    doc: {
      en: 'Wait for the server to take more of the message.',
      ja: '本文の続きを相手が受け取るまで待つ時間。',
    },
    applies: 'reload',
  },
  'delivery.timeouts.eomMs': {
    type: duration(),
    default: 10 * minute,
    doc: {
      en: 'Wait for the reply to the final dot; too short a time sends messages twice.',
      ja: '末尾のドットへの応答を待つ時間。短すぎると同じメールが二度届きます。',
    },
    applies: 'reload',
  },
  'delivery.retry.firstMs': {
    type: duration(),
    default: 15 * second,
    doc: {
      en: 'Wait before the first retry; it grows with each further one.',
      ja: '最初の再送までの時間。再送のたびに延びます。',
    },
    applies: 'reload',
  },
  'delivery.retry.longestMs': {
    type: duration(),
    default: 4 * hour,
    doc: { en: 'Longest wait between two attempts.', ja: '再送の間隔の上限。' },
    applies: 'reload',
  },
  'delivery.retry.unknownMax': {
    type: integer({ min: 1, max: 100 }),
    default: 3,
    unit: { en: 'attempts', ja: '回' },
    doc: {
      en: 'Attempts of a message whose connection breaks after the final dot, until it is given up: each may bring a copy.',
      ja: '末尾のドットの後に接続が切れた送信をあきらめるまでの回数。そのたびに重複して届くおそれがあります。',
    },
    applies: 'reload',
  },
  'delivery.expiryMs': {
    type: duration(),
    // RFC 5321 §4.5.4.1: the give-up time generally needs to be at least 4–5 days.
    default: 5 * day,
    doc: {
      en: 'How long a message is tried before it expires.',
      ja: '配送をあきらめるまでの時間。',
    },
    applies: 'reload',
  },
  'delivery.expiryTransactionalMs': {
    type: duration(),
    // A password reset of yesterday helps nobody, and its link has ended; a receipt may still be of use.
    default: day,
    doc: {
      en: 'The same for transactional mail (of the HTTP API, and `send --stream transactional`).',
      ja: 'トランザクションメール（HTTP API と `send --stream transactional`）で同じもの。',
    },
    applies: 'reload',
  },
} satisfies Partial<DeliveryKeys>;

const hours = {
  'delivery.quietHours': {
    type: optional(hoursOfDay),
    default: null,
    doc: {
      en: 'Hours in which no bulk mail goes to mobile phones, by the clock of the recipient; `send --window` takes their place, transactional mail goes at any time.',
      ja: '携帯電話へ一斉メールを送らない時間帯（宛先の時刻）。`send --window` の指定が優先し、トランザクションメールはいつでも送ります。',
    },
    applies: 'restart',
  },
  'delivery.quietHoursFor': {
    type: choice(['carriers', 'everyone']),
    default: 'carriers',
    doc: {
      en: 'Whom the quiet hours protect: addresses of mobile carriers, where a mail rings at night (docomo, au, SoftBank, …: `kind: carrier` in providers.yaml), or everyone.',
      ja: '`quietHours` の対象: 携帯電話会社のアドレス（夜中に着信音が鳴ります。providers.yaml の `kind: carrier`）、またはすべての宛先。',
    },
    applies: 'restart',
  },
  'delivery.timezone': {
    type: optional(timezone),
    default: null,
    doc: {
      en: 'Time zone of recipients of whom neither the list (column `timezone`), the campaign nor the provider tells one; none: that of this machine.',
      ja: 'リスト（`timezone` 列）・キャンペーン・プロバイダーのどれからも分からない宛先のタイムゾーン。なければこのマシンのもの。',
    },
    applies: 'restart',
  },
} satisfies Partial<DeliveryKeys>;

export const deliveryKeys: DeliveryKeys = { ...wayOut, ...patience, ...hours };
