import { expect, onTestFinished, test } from 'vitest';
import { startSimulator } from '../../simulator/index.ts';
import {
  returnsAnswered,
  secondThoughts,
  serveReturns,
  storedCampaign,
  suppressedIn,
} from '../support/returning-campaign.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { askLedger } from '../support/todoku-run.ts';

const everybodyUnknown = secondThoughts([{ id: 'unknown', kind: 'bounce' }]);
const addresses = Array.from({ length: 400 }, (_, row) => `user${row}@later.example`);

test('what was answered with 250 survives kill -9, and nothing is counted twice', async () => {
  const simulator = await startSimulator({
    seed: 'kill',
    folder: temporaryFolder(),
    providers: [everybodyUnknown],
    tls: false,
    returns: true,
  });
  onTestFinished(() => simulator.stop());
  const folder = await storedCampaign(simulator, addresses);
  const some = returnsAnswered(simulator, 60);
  const all = returnsAnswered(simulator, addresses.length);
  let answered = 0;
  simulator.onHappening(({ kind }) => (answered += kind === 'returned' ? 1 : 0));
  const first = await serveReturns(folder, simulator);
  await some;
  first.kill('SIGKILL');
  await first.end;
  const before = answered;
  // A message that was not yet settled when its bounce came is bounced when it is.
  const { total } = await askLedger(folder);
  expect(total.bounced + total.waiting).toBeGreaterThanOrEqual(before);
  expect((await suppressedIn(folder)).size).toBeGreaterThanOrEqual(before);

  const second = await serveReturns(folder, simulator);
  const replies = await all;
  expect([...replies.values()].flat().filter((reply) => reply !== '250 2.0.0 Taken')).toEqual([]);
  await expect.poll(async () => (await askLedger(folder)).total.waiting, { timeout: 60_000 }).toBe(0);
  second.kill('SIGTERM');
  expect(await second.end).toMatchObject({ code: 0 });
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 400, bounced: 400, delivered: 0 });
  expect((await suppressedIn(folder)).size).toBe(400);
});
