import type { AccessKey, Scope } from '../access/index.ts';
import type { Bilingual } from '../base/index.ts';

/** What an application that sends mail needs. */
export const usualScopes = ['messages:send', 'messages:read'] as const satisfies readonly Scope[];

/** `everything`, `example.jp, example.org`. */
export function domainsText({ domains }: AccessKey): Bilingual {
  if (domains === null) return { ja: 'すべてのドメイン', en: 'all domains' };
  const names = domains.join(', ');
  return { ja: names, en: names };
}
