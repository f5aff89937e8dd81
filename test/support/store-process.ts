import { systemClock } from '../../src/base/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { openCampaign } from './memory-store.ts';
import { bounce, final, recipients, startMs } from '../contract/samples.ts';

// A process of its own that works in a data folder, for the tests that need a second one or kill one.
//   hold FOLDER    opens it, says `open` and stays
//   commit FOLDER  sends batches: says the number of each message after the commit that holds it returned
//   take FOLDER    delivers batches that all bounce later, half of them before their delivery is settled: says the same

const [command = '', folder = ''] = process.argv.slice(2);
const batchSize = 20;

const store = openStore({ folder, clock: systemClock, create: true, command });
if (command === 'commit') {
  const name = `c-${process.pid}`;
  openCampaign(store, recipients(2_000, name), { name });
  for (;;) {
    const batch = store.delivery.queuedPage(0, batchSize).map(({ id }) => id);
    if (batch.length === 0) break;
    store.delivery.commit(
      batch.map((id) => final(id, id % 5 === 0 ? 'bounced' : 'delivered')),
      [],
      [],
    );
    process.stdout.write(`${batch.join(' ')}\n`);
  }
}
if (command === 'take') {
  const name = `c-${process.pid}`;
  openCampaign(store, recipients(2_000, name), { name });
  for (;;) {
    const rows = store.delivery.messageRows(store.delivery.queuedPage(0, batchSize).map(({ id }) => id));
    if (rows.length === 0) break;
    const news = rows.map(({ id, address }) =>
      bounce(id, { digest: String(id), recipient: address, atMs: startMs + 2_000 }),
    );
    store.returned.take(news.slice(0, batchSize / 2));
    store.delivery.commit(
      rows.map(({ id }) => final(id, 'delivered')),
      [],
      [],
    );
    store.returned.take(news.slice(batchSize / 2));
    process.stdout.write(`${rows.map(({ id }) => id).join(' ')}\n`);
  }
}
// In a turn of its own: what nothing refers to any more may then be collected, and a lock must outlive that.
setImmediate(() => {
  globalThis.gc?.();
  process.stdout.write('open\n');
});
process.stdin.resume();
