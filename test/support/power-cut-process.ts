import { writeSync } from 'node:fs';
import { systemClock } from '../../src/base/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { final, recipients } from '../contract/samples.ts';
import { openCampaign } from './memory-store.ts';

// A process that fills a data folder, for a power cut that is put together from its system calls. It says on standard
// output `accepted COUNT` once the campaign is open, and the numbers of each batch once the commit that holds it returned.
//   power-cut-process.ts FOLDER COUNT

const [folder = '', count = ''] = process.argv.slice(2);
const batchSize = 200;
const say = (line: string): void => void writeSync(1, `${line}\n`);

const store = openStore({ folder, clock: systemClock, create: true, command: 'power-cut' });
openCampaign(store, recipients(Number(count)));
say(`accepted ${count}`);
for (;;) {
  const batch = store.delivery.queuedPage(0, batchSize).map(({ id }) => id);
  if (batch.length === 0) break;
  store.delivery.commit(
    batch.map((id) => final(id, 'delivered')),
    [],
    [],
  );
  say(batch.join(' '));
}
