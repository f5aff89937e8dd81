import { readFileSync } from 'node:fs';
import { AppError, nearest } from '../base/index.ts';
import type { BlocklistAccount, Config } from '../config/index.ts';
import { listsWithAccounts, loadBlocklists } from '../deliverability/index.ts';
import type { Blocklist } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';

/** The block lists that this configuration can ask: public ones, and those of its accounts. */
export function blocklistsInUse({ blocklists }: Config): readonly Blocklist[] {
  const { living } = loadBlocklists(defaultKnowledgeFolder());
  const known = new Set(living.flatMap(({ account }) => account ?? []));
  for (const { name } of blocklists.accounts) if (!known.has(name)) throw unknownAccount(name, known);
  const keys = new Map(blocklists.accounts.map((account) => [account.name, keyOf(account)]));
  return listsWithAccounts(living, keys);
}

/** The key is a label of the names that are asked. */
function keyOf({ name, keyFile }: BlocklistAccount): string {
  let key: string;
  try {
    key = readFileSync(keyFile, 'utf8').replace(/\r?\n[\s\S]*$/, '');
  } catch (error) {
    throw unusableKey(name, keyFile, error);
  }
  // RFC 1035 §2.3.4: a label has at most 63 octets.
  if (!/^[A-Za-z0-9-]{1,63}$/.test(key)) throw unusableKey(name, keyFile);
  return key;
}

function unknownAccount(name: string, known: ReadonlySet<string>): AppError {
  const meant = nearest(name, [...known]);
  const names = [...known].join(', ');
  return new AppError({
    code: 'blocklist-account-unknown',
    message: {
      ja: `blocklists.accounts の ${name} というアカウントを使うリストはありません`,
      en: `no block list uses the account ${name} of blocklists.accounts`,
    },
    hint:
      meant === null
        ? { ja: `使えるもの: ${names}`, en: `there are ${names}` }
        : { ja: `${meant} のことですか`, en: `did you mean ${meant}?` },
  });
}

function unusableKey(name: string, file: string, cause?: unknown): AppError {
  return new AppError({
    code: 'blocklist-key-unreadable',
    message: {
      ja: `${name} の keyFile ${file}（blocklists.accounts）を読めないか、鍵がありません`,
      en: `keyFile ${file} of ${name} (blocklists.accounts) cannot be read or holds no key`,
    },
    hint: {
      ja: '1 行目に鍵（英数字）だけを書き、Todoku のユーザーが読めるようにしてください（chmod 600）',
      en: 'write the key (letters and digits) on its first line and let the user of Todoku read it (chmod 600)',
    },
    cause,
  });
}
