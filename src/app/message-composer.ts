import type { Clock } from '../base/index.ts';
import { createComposer } from '../campaigns/index.ts';
import type { CompiledContent } from '../compose/index.ts';
import type { Config } from '../config/index.ts';
import type { Composer } from '../delivery/index.ts';
import { createMailComposer } from '../outbox/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { compileFor, senderOf, signersOf } from './sender.ts';

export type ComposerParts = {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  /** What was compiled before, by campaign. */
  readonly contents: ReadonlyMap<number, CompiledContent>;
};

/** Makes any message: of a campaign's content, or of the bytes that an application handed over. */
export function createMessageComposer({ config, store, clock, contents }: ComposerParts): Composer {
  const { secret } = store;
  const campaigns = createComposer({
    campaignById: (id) => store.campaigns.byId(id),
    compile: (campaign) => contents.get(campaign.id) ?? compileFor(config, campaign),
    senderOf: (campaign) => senderOf(config, campaign),
    secret,
    clock,
  });
  const mails = createMailComposer({
    read: (place) => store.bodies.read(place),
    signersOf: (domain) => signersOf(config, domain),
    returnPathOf: (domain) => senderOf(config, { domain }).returnPath,
    secret,
    clock,
  });
  return {
    compose(message) {
      const { mail } = message;
      return mail === undefined ? campaigns.compose(message) : mails.compose({ id: message.id, ...mail });
    },
  };
}
