import type { SendingDomain } from '../config/index.ts';
import { asSendingDomain } from './domain.ts';
import type { DomainStore } from './domain.ts';

/** The configured domains and the stored ones as one list that keeps up with the store. */
export type LiveDomains = {
  /** The same array all the time; `refresh` changes what is in it. */
  readonly all: readonly SendingDomain[];
  /** Takes up what was stored or removed since, also by other threads; 3 µs when nothing was. */
  refresh(): void;
};

/**
 * One array for everybody who reads `config.domains`, so that a domain made while Todoku runs is known to all of them at
 * once. A configured domain stands for a stored one of the same name.
 */
export function createLiveDomains(configured: readonly SendingDomain[], store: DomainStore): LiveDomains {
  const all: SendingDomain[] = [...configured];
  const names = new Set(configured.map(({ name }) => name));
  let seen = -1;
  const refresh = (): void => {
    const changes = store.changes();
    if (changes === seen) return;
    seen = changes;
    const stored = store.list().filter(({ name }) => !names.has(name));
    all.splice(configured.length, all.length, ...stored.map(asSendingDomain));
  };
  refresh();
  return { all, refresh };
}
