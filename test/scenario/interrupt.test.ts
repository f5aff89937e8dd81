import { expect, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import { askLedger, resumeResult, runTodoku, sendResult, startTodoku } from '../support/todoku-run.ts';
import { rowsWritten } from '../support/rows-written.ts';

const addresses = Array.from({ length: 10_000 }, (_, row) => `user${row}@d${row % 9}.example`);
const accepted = addresses.length;

test('Ctrl-C in the middle waits for the answers that are due, says what it left, and resume sends just that', async () => {
  const sink = await startGatedSink(1_000);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const todoku = startTodoku(folder, send);
  await sink.arrivals.reached(1_000);
  todoku.kill('SIGINT');
  await sink.open();
  const end = await todoku.end;
  expect(end).toMatchObject({ code: 130, signal: null, stderr: '' });
  const left = sendResult(end);
  expect(left).toMatchObject({ accepted, interrupted: true, bounced: 0, expired: 0, unknown: 0 });
  expect(left.delivered).toBe(sink.arrivals.count);
  expect(left.delivered + left.waiting).toBe(accepted);
  const { total } = await askLedger(folder);
  expect(total).toMatchObject({ accepted, delivered: left.delivered, waiting: left.waiting });

  const resumed = await runTodoku(folder, ['resume', '--json']);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  const result = resumeResult(resumed);
  expect(result).toMatchObject({
    campaign: left.campaign,
    accepted,
    delivered: accepted,
    interrupted: false,
  });
  expect(sink.arrivals.duplicates).toBe(0);
  expect([...sink.arrivals.byRecipient.keys()].toSorted()).toEqual(addresses.toSorted());
  expect((await askLedger(folder)).total).toMatchObject({ accepted, delivered: accepted, waiting: 0 });
});

test('Ctrl-C while the recipients are stored leaves nothing behind', async () => {
  const { sink } = await startArrivalSink();
  const many = Array.from({ length: 60_000 }, (_, row) => `user${row}@d${row % 60}.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses: many });
  const todoku = startTodoku(folder, send);
  await rowsWritten(folder, 1_500_000);
  todoku.kill('SIGINT');
  const end = await todoku.end;
  expect(end).toMatchObject({ code: 130, signal: null, stdout: '' });
  expect(end.stderr).toMatch(/^todoku: interrupted/);
  expect(end.stderr.split('\n')).toHaveLength(1);
  expect(await askLedger(folder)).toMatchObject({ total: { accepted: 0 }, campaigns: [] });
  expect(resumeResult(await runTodoku(folder, ['resume', '--json']))).toMatchObject({ campaigns: [] });
  expect(sink.stats().connections).toBe(0);
});

test('several open campaigns are resumed together, and their numbers summed', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const few = Array.from({ length: 300 }, (_, row) => `user${row}@d${row % 9}.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses: few });
  const names: (string | null)[] = [];
  for (let round = 0; round < 3; round += 1) {
    const end = await runTodoku(folder, [...send, '--no-wait']);
    expect(end).toMatchObject({ code: 0, stderr: '' });
    const stored = sendResult(end);
    expect(stored).toMatchObject({ accepted: 300, delivered: 0, waiting: 300, interrupted: false });
    names.push(stored.campaign);
  }
  expect(sink.stats().connections).toBe(0);
  const resumed = await runTodoku(folder, ['resume', '--json']);
  expect(resumed).toMatchObject({ code: 0, stderr: '' });
  expect(resumeResult(resumed)).toMatchObject({
    campaign: null,
    campaigns: names,
    accepted: 900,
    delivered: 900,
    waiting: 0,
  });
  // Three mails each, with three Message-IDs.
  expect(arrivals.byRecipient.size).toBe(300);
  expect([...arrivals.byRecipient.values()].filter((ids) => new Set(ids).size !== 3)).toEqual([]);
  expect(await askLedger(folder)).toMatchObject({ total: { delivered: 900 }, campaigns: [{}, {}, {}] });
});
