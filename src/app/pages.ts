import type { Hono } from 'hono';
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/index.ts';
import type { Config } from '../config/index.ts';
import { loadFaults } from '../deliverability/index.ts';
import { defaultKnowledgeFolder } from '../knowledge/index.ts';
import type { Knowledge } from '../knowledge/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import { createPagesApp } from '../pages/index.ts';
import type { PagesEnvironment, PagesParts, UnsubscribeDesk } from '../pages/index.ts';
import { readToken } from '../protocol/return-path/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { diagnosisResults } from './diagnosis.ts';
import { createNotArrivedDesk, maskedAddress } from './not-arrived.ts';
import { sealKeys } from './returned-mail.ts';

export type PagesAppParts = {
  /** Of the world that is delivered to: test mails go there. */
  readonly config: Config;
  readonly store: Store;
  readonly knowledge: Knowledge;
  /** Stays the caller's to close. */
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly random: () => number;
  readonly trouble: (error: unknown, request?: { readonly method: string; readonly path: string }) => void;
};

/** `/help`, `/n/TOKEN`, `/u/TOKEN` and `/c/ID`, to be mounted at the root of what listens at `http.listen`. */
export function pagesApp(parts: PagesAppParts): Hono<PagesEnvironment> {
  const { config, store, knowledge, clock, trouble } = parts;
  const keys = sealKeys(config, store.secret);
  const results = diagnosisResults(store.folder, clock);
  const pages: PagesParts = {
    faults: loadFaults(defaultKnowledgeFolder(), knowledge.providers),
    notArrived: createNotArrivedDesk({ ...parts, keys }),
    unsubscribes: createUnsubscribeDesk({ store, clock, keys }),
    diagnoses: (id) => results.read(id),
    clock,
    trouble,
  };
  return createPagesApp(pages);
}

type UnsubscribeParts = {
  readonly store: Store;
  readonly clock: Clock;
  readonly keys: readonly KeyObject[];
};

/** The links of List-Unsubscribe, good for ever: whoever finds an old mail may still leave. */
function createUnsubscribeDesk({ store, clock, keys }: UnsubscribeParts): UnsubscribeDesk {
  const messageOf = (token: string): ReturnType<Store['why']['messageById']> => {
    const read = readToken(token, 'unsubscribe', keys);
    return read.ok && typeof read.id === 'number' ? store.why.messageById(read.id) : null;
  };
  return {
    open(token) {
      const message = messageOf(token);
      if (message === null) return { kind: 'forged' };
      const left = store.suppressions.find(message.address).some(({ reason }) => reason === 'unsubscribed');
      return { kind: 'mail', to: maskedAddress(message.address), senderDomain: message.senderDomain, left };
    },
    leave(token, how) {
      const message = messageOf(token);
      if (message === null) return;
      // As a wish by mail does (returned-mail.ts).
      store.suppressions.add([
        {
          address: message.address,
          reason: 'unsubscribed',
          source: `message:${message.id}`,
          atMs: clock.now(),
          note: how === 'one-click' ? 'link (one click)' : 'link (page)',
        },
      ]);
    },
  };
}
