// Threads of a running campaign die: what they had is in the record, and the run goes on from there.
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/index.ts';
import type { StartThread } from '../../../src/app/carrier-threads.ts';
import { deliver } from '../../../src/app/delivery-run.ts';
import type { DeliveryResult } from '../../../src/cli/index.ts';
import { loadConfig } from '../../../src/config/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../../../src/knowledge/index.ts';
import { openStore } from '../../../src/storage/sqlite/index.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { mostTwice } from './bound.ts';
import { startInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { answerOf, runProgram, sendArguments, writeCampaign } from './program.ts';
import { ledgerOf } from './record.ts';
import { seeded } from './seeded.ts';

const recipients = 8_000;
const width = { threads: 2, connectionsPerPath: 20 };

type Accepted = { readonly folder: string; readonly inbox: Inbox };

/** A campaign that is accepted, of which nothing is sent yet. */
async function accepted(): Promise<Accepted> {
  const folder = temporaryFolder();
  const inbox = await startInbox();
  writeCampaign({ folder, port: inbox.port, recipients });
  const ended = await runProgram([...sendArguments, '--no-wait'], { folder });
  expect(answerOf(ended)).toMatchObject({ accepted: recipients, waiting: recipients });
  return { folder, inbox };
}

type Delivered = { readonly result: DeliveryResult; readonly remarks: readonly string[] };

/** Delivers it in this process, as `todoku resume` does, with threads that come to be as told. */
async function deliverWith({ folder }: Accepted, startThread: StartThread): Promise<Delivered> {
  const file = join(folder, 'todoku.yaml');
  const config = loadConfig({ file, explicit: true, environment: {}, hostname: 'sender.example' });
  const store = openStore({ folder: join(folder, 'data'), clock: systemClock, command: 'resume' });
  onTestFinished(() => store.close());
  const remarks: string[] = [];
  const knowledge = loadKnowledge(defaultKnowledgeFolder());
  const result = await deliver(
    { config, store, knowledge, clock: systemClock, random: seeded(1), startThread },
    store.campaigns.withState('open'),
    {
      signal: new AbortController().signal,
      importing: () => undefined,
      imported: () => undefined,
      delivering: () => undefined,
      remark: ({ en }) => remarks.push(en),
    },
  );
  store.close();
  return { result, remarks };
}

/** None is missing, none has two Message-IDs, and there are no more second copies than `deaths` threads explain. */
function expectOnce({ folder, inbox }: Accepted, result: DeliveryResult, deaths: number): void {
  expect(result).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0 });
  expect(inbox.copies.size).toBe(recipients);
  const twice = inbox.log.length - inbox.copies.size;
  console.log(`${deaths} threads died: 0 lost, ${twice} copies too many`);
  expect(twice).toBeLessThanOrEqual(deaths * mostTwice({ ...width, threads: 1 }));
  expect([...inbox.copies.values()].filter((each) => !each.sameId)).toEqual([]);
  expect(ledgerOf(join(folder, 'data'))).toMatchObject({ ok: true, total: { delivered: recipients } });
}

const plain: StartThread = (file, options) => new Worker(file, options);
const died = 'a delivery thread died; going on from the record (no mail is lost)';

test('a thread that dies at any moment of the run costs a new run from the record, and no mail', async () => {
  const campaign = await accepted();
  const random = seeded(7);
  const workers: Worker[] = [];
  for (const count of [1 + Math.floor(random() * 2_500), 3_500 + Math.floor(random() * 2_500)]) {
    campaign.inbox.at(count, () => void workers.at(random() < 0.5 ? -1 : -2)?.terminate());
  }
  const { result, remarks } = await deliverWith(campaign, (file, options) => {
    const worker = plain(file, options);
    workers.push(worker);
    return worker;
  });
  expect(remarks).toEqual([died, died]);
  // Two threads at first, and two more for each loss.
  expect(workers).toHaveLength(6);
  expectOnce(campaign, result, 2);
}, 120_000);

test('threads that die again and again are done without', async () => {
  const campaign = await accepted();
  const { inbox } = campaign;
  let started = 0;
  const { result, remarks } = await deliverWith(campaign, (file, options) => {
    const worker = plain(file, options);
    started++;
    inbox.at(inbox.log.length + 200 + started, () => void worker.terminate());
    return worker;
  });
  expect(remarks.slice(0, -1)).toEqual([died, died, died]);
  expect(remarks.at(-1)).toContain('delivery threads cannot be used');
  expectOnce(campaign, result, 6);
}, 120_000);

test('threads that get too little memory to start are done without', async () => {
  const campaign = await accepted();
  const resourceLimits = { maxOldGenerationSizeMb: 4, maxYoungGenerationSizeMb: 1 };
  const { result, remarks } = await deliverWith(campaign, (file, options) =>
    plain(file, { ...options, resourceLimits }),
  );
  expect(remarks).toEqual([expect.stringMatching(/^delivery threads cannot be used \(.*memory/)]);
  expectOnce(campaign, result, 0);
}, 120_000);
