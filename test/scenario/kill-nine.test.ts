import { expect, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { rowsWritten } from '../support/rows-written.ts';
import { askLedger, resumeResult, runTodoku, startTodoku } from '../support/todoku-run.ts';

const recipients = 20_000;
const kills = 5;
// 20 connections with two messages under way on each, and the settlements that no commit holds yet (settler.ts).
const inFlight = 20 * 2 + 200;

/** The next number of a sequence that looks random and is the same in every run (Numerical Recipes' LCG). */
function following(seed: number): number {
  return (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
}

test('kill -9 at five moments: nobody is missed, nobody gets it twice but what was in flight', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const addresses = Array.from({ length: recipients }, (_, row) => `user${row}@d${row % 60}.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const unwritten: number[] = [];
  let [argv, before, seed] = [send, { arrived: 0, delivered: 0 }, 20_260_728];
  for (let kill = 1; kill <= kills; kill += 1) {
    const todoku = startTodoku(folder, argv);
    seed = following(seed);
    // The high bits of this generator are the good ones.
    arrivals.when(arrivals.count + 1 + ((seed >>> 8) % 3_500), () => todoku.kill('SIGKILL'));
    expect(await todoku.end).toMatchObject({ code: null, signal: 'SIGKILL', stdout: '', stderr: '' });
    const { accepted, delivered, waiting } = (await askLedger(folder)).total;
    expect({ accepted, delivered }).toEqual({ accepted: recipients, delivered: recipients - waiting });
    // What arrived in this run and nobody wrote down: it will come again, and nothing else will.
    const lost = arrivals.count - before.arrived - (delivered - before.delivered);
    expect(lost).toBeGreaterThanOrEqual(0);
    expect(lost).toBeLessThanOrEqual(inFlight);
    unwritten.push(lost);
    before = { arrived: arrivals.count, delivered };
    argv = ['resume', '--json'];
  }
  const end = await runTodoku(folder, argv);
  expect(end).toMatchObject({ code: 0, stderr: '' });
  const result = resumeResult(end);
  expect(result).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0, unknown: 0 });

  expect([...arrivals.byRecipient.keys()].toSorted()).toEqual(addresses.toSorted());
  expect(arrivals.duplicates).toBe(unwritten.reduce((sum, lost) => sum + lost, 0));
  const twice = [...arrivals.byRecipient.values()].filter((ids) => ids.length > 1);
  expect(twice.filter((ids) => new Set(ids).size > 1)).toEqual([]);
  expect(sink.stats().duplicates).toBe(arrivals.duplicates);
  const { total } = await askLedger(folder);
  expect(total).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0 });
  console.log(
    `in flight at each kill, and therefore twice: ${unwritten.join(', ')}; ${result.perSecond}/s at the end`,
  );

  // Nothing is left to do, and doing nothing sends nothing.
  const count = arrivals.count;
  expect(resumeResult(await runTodoku(folder, argv))).toMatchObject({
    campaigns: [],
    accepted: 0,
  });
  expect(arrivals.count).toBe(count);
});

test('kill -9 while the recipients are stored: nothing was accepted, nothing is sent', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const addresses = Array.from({ length: 60_000 }, (_, row) => `user${row}@d${row % 60}.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const todoku = startTodoku(folder, send);
  await rowsWritten(folder, 1_500_000);
  todoku.kill('SIGKILL');
  expect(await todoku.end).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  expect(await askLedger(folder)).toMatchObject({ total: { accepted: 0, waiting: 0 }, campaigns: [] });
  const why = await runTodoku(folder, ['why', 'user0@d0.example', '--json']);
  expect(why).toMatchObject({ code: 1, stdout: '' });
  const resumed = await runTodoku(folder, ['resume', '--json']);
  expect(resumeResult(resumed)).toMatchObject({ campaigns: [], accepted: 0, waiting: 0 });
  expect(await askLedger(folder)).toMatchObject({ total: { accepted: 0 }, campaigns: [] });
  expect(arrivals.count).toBe(0);
  expect(sink.stats().connections).toBe(0);
});
