import { AppError, nearest } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import type { Store } from '../storage/sqlite/index.ts';

/** A key for a domain that nobody set up could never send: a slip, told at once. */
export function requireDomain(
  { store, config }: { readonly store: Pick<Store, 'domains'>; readonly config: Config },
  name: string,
): void {
  const names = [...config.domains, ...store.domains.list()].map((domain) => domain.name);
  if (names.includes(name)) return;
  const meant = nearest(name, names);
  throw new AppError({
    code: 'key-domain-unknown',
    message: {
      ja: `--domain ${name} は設定の domains にありません`,
      en: `--domain ${name} is not among the sending domains`,
    },
    hint:
      meant === null
        ? {
            ja: '設定ファイルの domains に加えてください',
            en: 'add it to “domains” of the configuration first',
          }
        : { ja: `${meant} のことですか？`, en: `did you mean ${meant}?` },
  });
}
