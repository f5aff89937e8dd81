import { parentPort, workerData } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { systemClock, systemRandom } from '../base/index.ts';
import { Carrier } from '../delivery/index.ts';
import type { CarrierEvents } from '../delivery/index.ts';
import { knowledgeFrom } from '../knowledge/index.ts';
import { createResolver } from '../net/dns/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import { carrierSettings, shaperFacts } from './delivery-engine.ts';
import { outcomeReader } from './explanation.ts';
import { liveConfig } from './live-config.ts';
import { createMessageComposer } from './message-composer.ts';
import { compileAll } from './sender.ts';
import { packSettled } from './settled-columns.ts';
import { packFailure } from './thread-failure.ts';
import type { FromCarrier, ThreadSetup, ToCarrier } from './thread-messages.ts';

/** A carrier in its own thread: reads the store for itself, reports to the dispatcher through the message port. */
function start(port: MessagePort, setup: ThreadSetup): void {
  const { knowledge, dataFolder, dnsServers, carrierCount } = setup;
  const clock = systemClock;
  const store = openStore({ folder: dataFolder, clock, mode: 'read' });
  const config = liveConfig(setup.config, store.domains);
  const resolver = createResolver({
    servers: dnsServers,
    timeoutMs: config.dns.timeoutMs,
    attempts: config.dns.attempts,
    trustAd: config.dns.trustAd,
    clock,
  });
  const tell = (message: FromCarrier): void => port.postMessage(message);
  const events: CarrierEvents = {
    settled: (batch) => tell({ call: 'settled', report: packSettled(batch) }),
    missing: (count) => tell({ call: 'missing', count }),
    closed: (returned) => tell({ call: 'closed', returned }),
    held: (hold, shared) => tell({ call: 'held', hold, shared }),
    released: (hold) => tell({ call: 'released', hold }),
    limited: (site) => tell({ call: 'limited', site }),
    wayFailed: (failure) => tell({ call: 'wayFailed', failure }),
    paced: (report) => tell({ call: 'paced', report }),
    failed: (error) => tell({ call: 'failed', failure: packFailure(error) }),
    tlsSeen: (batch) => tell({ call: 'tlsSeen', batch }),
    stopped() {
      tell({ call: 'stopped' });
      resolver.close();
      store.close();
      port.close();
    },
  };
  // Everything that is read from files is read now: once connections are open, there may be no descriptor left.
  const contents = compileAll(config, store.campaigns.withState('open'));
  const known = knowledgeFrom(knowledge);
  const carrier = new Carrier({
    ...carrierSettings(config, known, clock),
    carrierCount,
    shaped: shaperFacts({ config, knowledge: known, learnt: store.paces.paces() }),
    rows: store.delivery,
    composer: createMessageComposer({ config, store, clock, contents }),
    reader: outcomeReader(known),
    reactions: known.reactions,
    resolver,
    clock,
    random: systemRandom,
    events,
  });
  port.on('message', (message: ToCarrier) => obey(carrier, message));
  tell({ call: 'started' });
}

function obey(carrier: Carrier, message: ToCarrier): void {
  switch (message.call) {
    case 'assign':
      carrier.assign(message.batch);
      break;
    case 'retire':
      carrier.retire(message.site);
      break;
    case 'share':
      carrier.share(message.shared);
      break;
    case 'suspend':
      carrier.suspend(message.stops);
      break;
    case 'lift':
      carrier.lift(message.targets);
      break;
    case 'slowDown':
      carrier.slowDown(message.target, message.factor);
      break;
    case 'acknowledge':
      carrier.acknowledge(message.count);
      break;
    case 'pause':
      carrier.pause();
      break;
    case 'resume':
      carrier.resume();
      break;
    case 'stop':
      carrier.stop(message.graceMs);
      break;
  }
}

if (parentPort === null) throw new Error('carrier-thread.ts is started by carrier-threads.ts');
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- carrier-threads.ts gives it
start(parentPort, workerData as ThreadSetup);
