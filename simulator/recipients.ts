import iconv from 'iconv-lite';
import { chance } from './fingerprint.ts';

/** One made-up person. The keys are the columns of the CSV, and so the variables of the newsletter. */
export type DemoRecipient = {
  readonly メールアドレス: string;
  readonly 氏名: string;
  /** Empty for private people. */
  readonly 会社名: string;
  readonly 会員番号: string;
  readonly ポイント: string;
  readonly 会員ランク: string;
  readonly お住まい: string;
};

export const demoColumns = [
  'メールアドレス',
  '氏名',
  '会社名',
  '会員番号',
  'ポイント',
  '会員ランク',
  'お住まい',
] as const satisfies readonly (keyof DemoRecipient)[];

/** Weights of the domains, about what a Japanese shop's list looks like; the rest shows what can go wrong. */
const domains: readonly (readonly [domain: string, weight: number])[] = [
  ['gmail.com', 30],
  ['docomo.ne.jp', 20],
  ['yahoo.co.jp', 13],
  ['icloud.com', 9],
  ['ezweb.ne.jp', 5],
  ['au.com', 3],
  ['softbank.ne.jp', 4],
  ['i.softbank.jp', 2],
  ['ymobile.ne.jp', 1],
  ['outlook.jp', 3],
  ['outlook.com', 2],
  ['hotmail.com', 2],
  ['me.com', 1],
  ['kobo-yamada.example', 1.5],
  ['suzuki-seisakusho.example', 1],
  ['kita-bussan.example', 0.6],
  ['yama-no-kai.example', 0.5],
  ['tanaka-shoten.example', 0.3],
  ['nomail.example', 0.2],
  // Slips of the pen: these exist nowhere.
  ['gmial.com', 0.3],
  ['dokomo.ne.jp', 0.2],
  ['yahooo.co.jp', 0.2],
];
const totalWeight = domains.reduce((sum, [, weight]) => sum + weight, 0);

const companies: Readonly<Record<string, string>> = {
  'kobo-yamada.example': '工房やまだ',
  'suzuki-seisakusho.example': '株式会社鈴木製作所',
  'kita-bussan.example': '北物産株式会社',
  'tanaka-shoten.example': '有限会社田中商店',
  'yama-no-kai.example': '山の会',
};

// The most frequent surnames, and given names of several generations; any real person's name is a coincidence.
const surnames = (
  '佐藤 sato 鈴木 suzuki 高橋 takahashi 田中 tanaka 伊藤 ito 渡辺 watanabe 山本 yamamoto 中村 nakamura 小林 kobayashi ' +
  '加藤 kato 吉田 yoshida 山田 yamada 佐々木 sasaki 山口 yamaguchi 松本 matsumoto 井上 inoue 木村 kimura 林 hayashi ' +
  '斎藤 saito 清水 shimizu 髙島 takashima 山﨑 yamazaki 森 mori 池田 ikeda 橋本 hashimoto 阿部 abe 石川 ishikawa'
).split(' ');
const givenNames = (
  '陽菜 hina 翔太 shota さくら sakura 健一 kenichi 美咲 misaki 大輔 daisuke 結衣 yui 拓也 takuya 恵子 keiko 誠 makoto ' +
  '愛 ai 蓮 ren 由美 yumi 直樹 naoki 久美子 kumiko 悠斗 yuto 千尋 chihiro 隆 takashi 真由美 mayumi 剛 tsuyoshi ' +
  '葵 aoi 和也 kazuya 明美 akemi 颯太 sota 裕子 yuko 学 manabu 凛 rin'
).split(' ');
const places = [
  '北海道',
  '宮城県',
  '東京都',
  '神奈川県',
  '愛知県',
  '京都府',
  '大阪府',
  '広島県',
  '福岡県',
  '沖縄県',
] as const;
const ranks = ['レギュラー', 'シルバー', 'ゴールド'] as const;

// About as many as a list kept since 2009 still has: docomo let people register such addresses until then.
const legacyShare = 0.02;

/** Made-up people, the same ones for the same seed; addresses are all different. */
export function* demoRecipients(count: number, seed: string): Generator<DemoRecipient> {
  for (let index = 1; index <= count; index += 1) {
    const draw = (what: string): number => chance(seed, what, String(index));
    const surname = pickPair(surnames, draw('surname'));
    const given = pickPair(givenNames, draw('given'));
    const domain = pickDomain(draw('domain'));
    const local = localPart({ surname: surname.romaji, given: given.romaji, index }, draw('form'));
    const legacy = domain === 'docomo.ne.jp' && draw('legacy') < legacyShare;
    const points = Math.floor(draw('points') ** 3 * 12_000);
    yield {
      メールアドレス: `${legacy ? legacyForm(local, draw('legacy-form')) : local}@${domain}`,
      氏名: `${surname.kanji} ${given.kanji}`,
      会社名: companies[domain] ?? '',
      会員番号: `H${String(index).padStart(6, '0')}`,
      ポイント: String(points),
      会員ランク: ranks[points > 5_000 ? 2 : points > 1_000 ? 1 : 0],
      お住まい: places[Math.floor(draw('place') * places.length)] ?? '東京都',
    };
  }
}

export type CsvEncoding = 'utf8-bom' | 'cp932';

/** The people as a CSV file as Excel writes it: CRLF, and UTF-8 with BOM or CP932. */
export function* demoCsv(
  recipients: Iterable<DemoRecipient>,
  encoding: CsvEncoding = 'utf8-bom',
): Generator<Buffer> {
  const encode = (text: string): Buffer =>
    encoding === 'cp932' ? iconv.encode(text, 'cp932') : Buffer.from(text, 'utf8');
  const bom = encoding === 'utf8-bom' ? '\u{feff}' : '';
  yield encode(`${bom}${demoColumns.join(',')}\r\n`);
  for (const recipient of recipients) {
    yield encode(`${demoColumns.map((column) => field(recipient[column])).join(',')}\r\n`);
  }
}

/** RFC 4180 §2. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function pickPair(
  words: readonly string[],
  draw: number,
): { readonly kanji: string; readonly romaji: string } {
  const at = Math.floor((draw * words.length) / 2) * 2;
  return { kanji: words[at] ?? '', romaji: words[at + 1] ?? '' };
}

function pickDomain(draw: number): string {
  let left = draw * totalWeight;
  for (const [domain, weight] of domains) {
    left -= weight;
    if (left < 0) return domain;
  }
  return 'gmail.com';
}

/** The number at the end makes it unique whatever the form. */
function localPart(
  person: { readonly surname: string; readonly given: string; readonly index: number },
  draw: number,
): string {
  const { surname, given, index } = person;
  if (draw < 0.4) return `${given}.${surname}${index}`;
  if (draw < 0.7) return `${surname}-${given}${index}`;
  return `${given}_${surname}${index}`;
}

/** Not allowed unquoted by RFC 5321 §4.1.2, and in use all the same: two dots in a row, or one before the @. */
function legacyForm(local: string, draw: number): string {
  const doubled = local.replace(/[._-]/, '..');
  return draw < 0.5 ? doubled : `${local.replace(/[._-]/, '')}.`;
}
