import { parseArgs } from 'node:util';
import { final, recipients } from '../contract/samples.ts';
import { openCampaign } from './memory-store.ts';
import { systemClock, systemRandom } from '../../src/base/index.ts';
import type { Resolver } from '../../src/net/dns/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import {
  beginning,
  comparePositions,
  createAddressGuard,
  createPoster,
  startWebhooks,
} from '../../src/webhooks/index.ts';

// A process that puts events on record and tells an endpoint of them, to be killed: `webhook-process.ts FOLDER PORT
// EVENTS`. It says `ready`, and `drained` when everything on record was told.
const { positionals } = parseArgs({ allowPositionals: true });
const [folder = '', port = '', campaigns = '0'] = positionals;
const store = openStore({ folder, clock: systemClock, create: true });
if (store.webhooks.list().length === 0) {
  store.webhooks.add({
    id: 'w-1',
    url: `http://127.0.0.1:${port}/`,
    description: '',
    types: null,
    domains: null,
    owner: null,
    secrets: [{ text: `whsec_${Buffer.alloc(32).toString('base64')}`, untilMs: null }],
    createdMs: systemClock.now(),
    pause: null,
    position: beginning,
  });
}
const noNames = {} as Resolver; // the endpoint is an address: no name is looked up
startWebhooks({
  events: store.events,
  store: store.webhooks,
  poster: createPoster({
    resolver: noNames,
    clock: systemClock,
    guard: createAddressGuard(['127.0.0.1/32']),
    context: null,
  }),
  clock: systemClock,
  random: systemRandom,
  remark: ({ en }) => void process.stderr.write(`${en}\n`),
  onPosted: () => undefined,
});
process.stdout.write('ready\n');

/** A campaign of fifty, half of them delivered and half bounced, as often as was asked for. */
function add(left: number): void {
  if (left === 0) return;
  const name = `c-${process.pid}-${left}`;
  openCampaign(store, recipients(50), { name });
  const first = store.campaigns.byName(name)?.id ?? 0;
  const ids = store.delivery.queuedPage(0, 1_000, first).map(({ id }) => id);
  store.delivery.commit(
    ids.map((id) => final(id, id % 2 === 0 ? 'delivered' : 'bounced')),
    [],
    [],
  );
  systemClock.after(1, () => add(left - 1));
}

function tellWhenDrained(): void {
  const [webhook] = store.webhooks.list();
  const isRead = webhook !== undefined && comparePositions(webhook.position, store.events.head()) >= 0;
  if (isRead && store.webhooks.counts('w-1').waiting === 0) process.stdout.write('drained\n');
  else systemClock.after(20, tellWhenDrained);
}

add(Number(campaigns));
if (Number(campaigns) === 0) tellWhenDrained();
