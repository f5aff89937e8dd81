import type { BlocklistAccount } from '../config.ts';
import type { SectionKeys } from '../key-description.ts';
import { listOf, objectOf } from '../list-types.ts';
import { boolean, duration, filePath, text } from '../scalar-types.ts';

const account = objectOf<BlocklistAccount>({
  name: {
    type: text,
    doc: {
      en: 'An `account` of `knowledge/blocklists.yaml`, such as `spamhaus-dqs`.',
      ja: '`knowledge/blocklists.yaml` の `account`。例: `spamhaus-dqs`。',
    },
  },
  keyFile: {
    type: filePath,
    doc: { en: 'File whose first line is its key.', ja: '1 行目が鍵のファイル。' },
  },
});

export const blocklistKeys: SectionKeys<'blocklists'> = {
  'blocklists.watch': {
    type: boolean,
    default: true,
    doc: {
      en: 'Whether `todoku serve` watches that no block list has the `sources` and `domains`.',
      ja: '`todoku serve` が `sources` と `domains` のブロックリスト登録を見張るかどうか。',
    },
    applies: 'restart',
  },
  'blocklists.everyMs': {
    type: duration({ minMs: 900_000, maxMs: 7 * 86_400_000 }),
    // Lists change by the hour and refuse who asks too often; a listing is seen in replies long before.
    default: 6 * 3_600_000,
    doc: { en: 'How often it looks.', ja: '見張る間隔。' },
    applies: 'restart',
  },
  'blocklists.accounts': {
    type: listOf(account),
    default: [],
    doc: {
      en: 'Accounts of lists that answer only with a key; they then take the place of the public ones.',
      ja: '鍵がないと答えないリストのアカウント。設定すると公開のリストの代わりに使います。',
    },
    applies: 'restart',
  },
};
