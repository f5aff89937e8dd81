import type { Config } from '../config/index.ts';
import { createLiveDomains } from '../domains/index.ts';
import type { DomainStore } from '../domains/index.ts';

/** The configuration with the sending domains of the store beside its own; `domains` keeps up with the store. */
export function liveConfig(config: Config, store: DomainStore): Config {
  const live = createLiveDomains(config.domains, store);
  return {
    ...config,
    // Looked at each time: another thread of the same process may be asked to sign for a domain that was made just now.
    get domains() {
      live.refresh();
      return live.all;
    },
  };
}
