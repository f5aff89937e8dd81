// Somebody waits for a password reset while a large campaign is under way to the same provider: over real sockets, with the
// engine's threads, it is among the next mails to arrive. How long that takes is measured by bench/saturated-path.ts.
import { expect, test } from 'vitest';
import { startLiveEngine } from '../../bench/live-engine.ts';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { askLedger, runTodoku } from '../support/todoku-run.ts';

const recipients = 12_000;
const resets = 10;
// What is under way on 20 connections and read ahead by two threads when it is accepted.
const underWay = 20 * 7 + 2 * 64;

test('a password reset goes past a campaign that fills its way out', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const addresses = Array.from({ length: recipients }, (_, row) => `user${row}@phone.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  expect((await runTodoku(folder, [...send, '--no-wait'])).code).toBe(0);
  const engine = await startLiveEngine(folder, 2);
  const passed: number[] = [];
  for (let index = 0; index < resets; index++) {
    await arrivals.reached((index + 1) * 800);
    const address = `reset${index}@phone.example`;
    const before = arrivals.count;
    const delivered = engine.delivered(engine.accept(address));
    await delivered;
    passed.push([...arrivals.byRecipient.keys()].indexOf(address) - before);
  }
  await engine.stop();
  expect(Math.max(...passed)).toBeLessThanOrEqual(2 * underWay);
  // The campaign was far from its end all the time.
  expect(arrivals.count).toBeLessThan(recipients);
  const { total } = await askLedger(folder);
  expect(total.accepted).toBe(recipients + resets);
  expect(total.delivered).toBe(arrivals.count);
  expect(arrivals.duplicates).toBe(0);
});
