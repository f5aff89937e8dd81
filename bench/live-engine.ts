import { join } from 'node:path';
import { createEngine } from '../src/app/delivery-engine.ts';
import { startCarrierThreads } from '../src/app/carrier-threads.ts';
import { outcomeReader } from '../src/app/explanation.ts';
import { compileFor, senderOf } from '../src/app/sender.ts';
import { createTls } from '../src/app/tls-policy.ts';
import { systemClock, systemRandom } from '../src/base/index.ts';
import { createComposer, newCampaignName } from '../src/campaigns/index.ts';
import type { Campaign } from '../src/campaigns/index.ts';
import { loadConfig } from '../src/config/index.ts';
import type { FinalState } from '../src/events/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../src/knowledge/index.ts';
import { createResolver } from '../src/net/dns/index.ts';
import { openStore } from '../src/storage/sqlite/index.ts';

/** An engine at work on a folder as `todoku send --no-wait` leaves it, to which more can be given. */
export type LiveEngine = {
  /** Accepts one transactional message like those of the first campaign; gives its id, durable. */
  accept(address: string): number;
  /** The message is delivered, and that is on the disk; rejects when it ends otherwise. */
  delivered(id: number): Promise<void>;
  /** Messages delivered so far. */
  readonly count: number;
  stop(): Promise<void>;
};

/** Starts the product's engine with its threads, its store and its sockets, as `todoku resume` would. */
export async function startLiveEngine(folder: string, threads: number): Promise<LiveEngine> {
  const clock = systemClock;
  const environment = {};
  const file = join(folder, 'todoku.yaml');
  const config = loadConfig({ file, explicit: true, environment, hostname: 'bench.example' });
  const store = openStore({ folder: join(folder, 'data'), clock });
  const knowledge = loadKnowledge(defaultKnowledgeFolder());
  // Nothing asks the DNS: everything has a route.
  const resolver = createResolver({ servers: ['127.0.0.1:9'], timeoutMs: 100, attempts: 1, clock });
  const [campaign] = store.campaigns.withState('open');
  if (campaign === undefined) throw new Error('no campaign is open');
  const setup = {
    config,
    knowledge: knowledge.facts,
    dataFolder: store.folder,
    dnsServers: ['127.0.0.1:9'],
    carrierCount: threads,
  };
  const carriers = await startCarrierThreads(setup, threads);
  const waiters = new Map<number, (state: FinalState) => void>();
  let count = 0;
  const engine = createEngine({
    config,
    store: store.delivery,
    paces: store.paces,
    reactions: store.reactions,
    sourceDays: store.sourceDays,
    knowledge,
    composer: createComposer({
      campaignById: (id) => store.campaigns.byId(id),
      compile: (each) => compileFor(config, each),
      senderOf: (each) => senderOf(config, each),
      secret: store.secret,
      clock,
    }),
    reader: outcomeReader(knowledge),
    resolver,
    tls: createTls({ config, store, resolver, clock }).policies,
    listener: {
      committed(batch) {
        for (const { settlement } of batch) {
          const { event, next } = settlement;
          if (next.state === 'waiting') continue;
          if (next.state === 'delivered') count++;
          waiters.get(event.messageId)?.(next.state);
        }
      },
      held: () => undefined,
      trouble: () => undefined,
    },
    clock,
    random: systemRandom,
    carriers: carriers.carriers,
  });
  const run = engine.run();
  return {
    accept(address) {
      const domain = address.slice(address.indexOf('@') + 1);
      const accepted = store.campaigns.create(urgentLike(campaign));
      store.campaigns.addRecipients(accepted.id, [{ address, domain, variables: { email: address } }]);
      store.campaigns.open(accepted.id);
      const [message] = store.delivery.queuedPage(0, 1, accepted.id);
      engine.opened([accepted.id]);
      return message?.id ?? 0;
    },
    delivered: async (id) =>
      await new Promise<void>((resolve, reject) => {
        waiters.set(id, (state) => {
          waiters.delete(id);
          if (state === 'delivered') resolve();
          else reject(new Error(`message ${id} is ${state}`));
        });
      }),
    get count() {
      return count;
    },
    async stop() {
      engine.stop(10_000);
      await run;
      await carriers.close();
      resolver.close();
      store.close();
    },
  };
}

const text = { name: 'reset.txt', source: 'Your code is 4711, {{ email }}' };

function urgentLike(campaign: Campaign): Omit<Campaign, 'id' | 'state'> {
  const content = { ...campaign.content, subject: 'Your code', html: null, text };
  const { domain } = campaign;
  const createdMs = systemClock.now();
  const name = newCampaignName(createdMs, systemRandom);
  return { name, content, domain, createdMs, expiresMs: 3_600_000, stream: 'transactional' };
}
