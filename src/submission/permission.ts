import { allowsDomain } from '../access/index.ts';
import type { AccessKey } from '../access/index.ts';

/** The sending domain that a key may use for addresses of `domain`; null: none. */
export function permittedDomain(
  key: AccessKey,
  domain: string,
  sendingDomain: (domain: string) => string | null,
): string | null {
  const name = sendingDomain(domain);
  return name !== null && allowsDomain(key, name) ? name : null;
}
