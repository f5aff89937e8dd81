import type { AttachmentRule } from '../config.ts';
import { clamdAddress, domainPattern } from '../host-types.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, objectOf, optional } from '../list-types.ts';
import { choice, duration, integer, size } from '../scalar-types.ts';

const kilobyte = 1000;
const megabyte = 1000 * kilobyte;
const gigabyte = 1000 * megabyte;
const hour = 60 * 60 * 1000;
const day = 24 * hour;

const ways = ['link', 'split', 'refuse'] as const;

const rule = objectOf<AttachmentRule>({
  domain: {
    type: domainPattern,
    doc: {
      en: '`"*"` for all, a recipient domain, or `"*.domain"` for everything below one; the first match wins.',
      ja: 'すべてなら `"*"`、宛先ドメイン、またはその下すべてなら `"*.ドメイン"`。最初に一致したものを使います。',
    },
  },
  tooLarge: {
    type: choice(ways),
    doc: {
      en: 'What is done there with files that do not fit: `link`, `split` or `refuse`.',
      ja: '入りきらないファイルの扱い: `link`、`split`、`refuse`。',
    },
  },
});

/** Files that go along with the mail of applications. */
export const attachmentKeys: SectionKeys<'attachments'> = {
  'attachments.largestMessageBytes': {
    type: size({ minBytes: 100 * kilobyte, maxBytes: 50 * megabyte }),
    // What Postfix takes unless it is told otherwise (message_size_limit = 10240000).
    default: 10_240 * kilobyte,
    doc: {
      en: 'Largest message for domains that no rule of `knowledge/shaping.yaml` or of yours (`messageOctets`) speaks of.',
      ja: '`knowledge/shaping.yaml` や自分の規則（`messageOctets`）にない宛先ドメインへ送るメール 1 通の大きさの上限。',
    },
    applies: 'restart',
  },
  'attachments.tooLarge': {
    type: choice(ways),
    default: 'link',
    doc: {
      en: 'Files that do not fit: sent as download links, split over several mails, or the mail is refused.',
      ja: '入りきらないファイル: ダウンロードリンクにする、複数のメールに分ける、受け付けない、のどれか。',
    },
    applies: 'restart',
  },
  'attachments.rules': {
    type: listOf(rule),
    default: [],
    doc: {
      en: 'The same for some recipient domains: `split` where links are forbidden.',
      ja: '宛先ドメインごとの扱い。リンクが禁止されている宛先には `split` を指定します。',
    },
    applies: 'restart',
  },
  'attachments.links.lifetimeMs': {
    type: duration({ minMs: hour, maxMs: 365 * day }),
    // Two weeks: whoever comes back from holidays still finds it.
    default: 14 * day,
    doc: {
      en: 'How long a download link works; then the file is removed.',
      ja: 'ダウンロードリンクの有効期間。過ぎるとファイルは消えます。',
    },
    applies: 'restart',
  },
  'attachments.links.downloads': {
    type: integer({ min: 1, max: 1_000_000 }),
    // Filters of the recipient's side fetch a link as well, and people begin again: a few each.
    default: 20,
    unit: { en: 'downloads', ja: '回' },
    doc: {
      en: 'How often a file may be downloaded for each recipient of its mail.',
      ja: 'メールの宛先 1 人あたりのダウンロード回数の上限。',
    },
    applies: 'restart',
  },
  'attachments.links.storeBytes': {
    type: size({ minBytes: megabyte, maxBytes: 1_000_000 * gigabyte }),
    default: 10 * gigabyte,
    doc: {
      en: 'Most that files behind links may take in the data folder; then mails that need a link are refused for the time being.',
      ja: 'リンクのファイルがデータフォルダーで使える大きさ。超えると、リンクの要るメールは一時的に受け付けません。',
    },
    applies: 'restart',
  },
  'attachments.clamd': {
    type: optional(clamdAddress),
    default: null,
    doc: {
      en: 'ClamAV daemon that looks through attachments before mail is accepted: `"host:port"` or the path of its socket.',
      ja: 'メールを受け付ける前に添付ファイルを調べる ClamAV デーモン: `"ホスト:ポート"` かソケットのパス。',
    },
    applies: 'restart',
  },
};
