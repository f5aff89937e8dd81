import type { Bilingual } from '../base/index.ts';

export type ProblemFacts = {
  readonly status: number;
  readonly title: Bilingual;
  /** What to do next. */
  readonly cure: Bilingual;
};

/** Every problem the API answers with; /docs and docs/api.md list them. */
export const problemFacts = {
  'invalid-json': {
    status: 400,
    title: { ja: '本文を JSON として読めません', en: 'the body is not JSON' },
    cure: { ja: 'UTF-8 の JSON オブジェクトを送ってください', en: 'send a JSON object in UTF-8' },
  },
  'invalid-query': {
    status: 400,
    title: { ja: 'パラメーターが正しくありません', en: 'a parameter is not right' },
    cure: { ja: 'errors にあるパラメーターを直してください', en: 'mend the parameters named in errors' },
  },
  'bad-cursor': {
    status: 400,
    title: { ja: 'カーソルが正しくありません', en: 'the cursor is not one that was given out' },
    cure: { ja: 'cursor を付けずに最初のページから読み直してください', en: 'start again without a cursor' },
  },
  unauthorized: {
    status: 401,
    title: { ja: 'API キーがないか、無効です', en: 'there is no API key, or it is not valid' },
    cure: {
      ja: '「Authorization: Bearer tdk_…」を付けてください。キーは `todoku key create` で作れます',
      en: 'send “Authorization: Bearer tdk_…”; `todoku key create` makes a key',
    },
  },
  'scope-missing': {
    status: 403,
    title: { ja: 'このキーではできません', en: 'this key may not do that' },
    cure: {
      ja: '必要なスコープを持つキーを `todoku key create` で作ってください',
      en: 'make a key with the scope named in detail: `todoku key create`',
    },
  },
  'domain-not-allowed': {
    status: 403,
    title: {
      ja: 'このキーはそのドメインでは使えません',
      en: 'this key may not be used for that domain',
    },
    cure: {
      ja: 'キーに許されたドメインを差出人にするか、別のキーを使ってください',
      en: 'send from a domain of the key, or use another key',
    },
  },
  'domain-not-verified': {
    status: 403,
    title: {
      ja: '差出人ドメインの DNS がまだ確認できていません',
      en: 'the DNS of the sending domain is not verified yet',
    },
    cure: {
      ja: 'GET /v1/domains/{name} の records を DNS に登録し、POST /v1/domains/{name}/verify を呼んでください',
      en: 'publish the records of GET /v1/domains/{name}, then call POST /v1/domains/{name}/verify',
    },
  },
  'all-domains-needed': {
    status: 403,
    title: {
      ja: 'ドメインが限られたキーではできません',
      en: 'a key that is bound to domains may not do that',
    },
    cure: {
      ja: 'すべてのドメインのキー（--domain なしの `todoku key create`）を使ってください',
      en: 'use a key for all domains (`todoku key create` without --domain)',
    },
  },
  'not-found': {
    status: 404,
    title: { ja: 'ありません', en: 'there is no such thing' },
    cure: { ja: 'URL と名前を確かめてください', en: 'check the URL and the name' },
  },
  'method-not-allowed': {
    status: 405,
    title: { ja: 'そのメソッドはここでは使えません', en: 'that method is not for this resource' },
    cure: { ja: 'Allow にあるメソッドを使ってください', en: 'use one of the methods in Allow' },
  },
  timeout: {
    status: 408,
    title: { ja: '本文が時間内に届きませんでした', en: 'the body did not arrive in time' },
    cure: { ja: 'もう一度送ってください', en: 'send it again' },
  },
  conflict: {
    status: 409,
    title: { ja: '今の状態ではできません', en: 'that does not go with its state' },
    cure: { ja: 'detail を見て、状態を確かめてください', en: 'see detail, and look at its state' },
  },
  'idempotency-conflict': {
    status: 409,
    title: {
      ja: '同じ Idempotency-Key で別の内容が送られています',
      en: 'this Idempotency-Key was used for another request',
    },
    cure: {
      ja: '新しい依頼には新しいキーを、再送には同じ本文を使ってください',
      en: 'use a new key for a new request, and the same body to repeat one',
    },
  },
  'too-large': {
    status: 413,
    title: { ja: '本文が大きすぎます', en: 'the body is too large' },
    cure: {
      ja: '添付を小さくするか、分けて送ってください（上限は http.limits）',
      en: 'make attachments smaller, or split the request (limits: http.limits)',
    },
  },
  'unsupported-media-type': {
    status: 415,
    title: { ja: 'この Content-Type は扱えません', en: 'this Content-Type is not taken here' },
    cure: { ja: 'detail にある Content-Type で送ってください', en: 'send it as the Content-Type in detail' },
  },
  'invalid-body': {
    status: 422,
    title: { ja: '内容に正しくないところがあります', en: 'something in the body is not right' },
    cure: { ja: 'errors にある項目を直してください', en: 'mend the fields named in errors' },
  },
  'sender-unknown': {
    status: 422,
    title: { ja: '差出人のドメインが登録されていません', en: 'the domain of the sender is not set up' },
    cure: {
      ja: '設定の domains に加えるか、POST /v1/domains で登録してください',
      en: 'add it to “domains” of the configuration, or with POST /v1/domains',
    },
  },
  'too-many-checks': {
    status: 429,
    title: { ja: '診断が混み合っています', en: 'too many checks are under way' },
    cure: { ja: '少し待ってからもう一度試してください', en: 'wait a little and try again' },
  },
  'rate-limited': {
    status: 429,
    title: { ja: 'リクエストが多すぎます', en: 'too many requests' },
    cure: { ja: 'Retry-After の秒数だけ待ってください', en: 'wait the seconds of Retry-After' },
  },
  fault: {
    status: 500,
    title: { ja: 'Todoku の不具合です', en: 'a fault in Todoku' },
    cure: {
      ja: '原因は運用者のログにあります。同じ Idempotency-Key でもう一度送ってかまいません',
      en: 'the cause is in the operator’s log; repeating with the same Idempotency-Key is safe',
    },
  },
  stopping: {
    status: 503,
    title: { ja: '停止または再起動の途中です', en: 'Todoku is stopping or restarting' },
    cure: {
      ja: 'Retry-After の秒数だけ待って送り直してください',
      en: 'repeat it after the seconds of Retry-After',
    },
  },
  'scanner-unavailable': {
    status: 503,
    title: {
      ja: '添付ファイルのウイルス検査ができません',
      en: 'attachments cannot be looked through for viruses now',
    },
    cure: {
      ja: 'Retry-After の秒数だけ待って送り直してください。続くときは運用者が clamd を確かめてください',
      en: 'repeat it after the seconds of Retry-After; if it lasts, the operator looks at clamd',
    },
  },
  'disk-full': {
    status: 507,
    title: { ja: 'ディスクの空きが足りません', en: 'there is not enough room on the disk' },
    cure: {
      ja: '運用者がディスクを空けるまで待って送り直してください',
      en: 'repeat it once the operator has made room',
    },
  },
} as const satisfies Readonly<Record<string, ProblemFacts>>;

export type ProblemCode = keyof typeof problemFacts;
