// Whoever is asleep gets nothing until the window opens, also not after a kill -9; whoever is awake gets it at once, and a
// password reset goes at any hour.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startArrivalSink } from '../support/arrivals.ts';
import { campaignFolder } from '../support/campaign-folder.ts';
import { askLedger, runTodoku, sendResult, startTodoku, whyAnswer } from '../support/todoku-run.ts';

/** An offset such as `+09:00` of a place where it is about that hour now. */
function zoneWhereItIs(hour: number): string {
  const offset = ((hour - new Date().getUTCHours() + 36) % 24) - 12;
  return `${offset < 0 ? '-' : '+'}${String(Math.abs(offset)).padStart(2, '0')}:00`;
}

test('who is asleep waits for the window, and why says so; who is awake does not', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const { folder, send } = campaignFolder({ port: sink.port, addresses: [] });
  const awake = Array.from({ length: 20 }, (_, row) => `awake${row}@d${row % 3}.example`);
  const asleep = Array.from({ length: 20 }, (_, row) => `asleep${row}@d${row % 3}.example`);
  const row = (address: string, zone: string): string => `${address},名前,code,${zone}`;
  const rows = [
    ...awake.map((address) => row(address, zoneWhereItIs(13))),
    ...asleep.map((address) => row(address, zoneWhereItIs(1))),
    row('nowhere@d0.example', 'Nowhere/Atlantis'),
  ];
  writeFileSync(join(folder, 'list.csv'), ['email,name,code,timezone', ...rows, ''].join('\n'));
  const asked = [...send, '--window', '09:00-20:00', '--timezone', zoneWhereItIs(13)];
  const first = startTodoku(folder, asked);
  await first.said(/unknown time zones .*: 1 \(the first, “Nowhere\/Atlantis”, on line 42/);
  await first.said(/outside the window 09:00-20:00 .*wait until 20\d\d-/);
  await arrivals.reached(21);
  const why = whyAnswer(await runTodoku(folder, ['why', 'asleep7@d1.example', '--json']));
  expect(why).toMatchObject({ state: 'waiting', because: 'window', verdict: null });
  const opensInMs = Date.parse(why.until ?? '') - Date.now();
  // It is between one and two o'clock there.
  expect(opensInMs).toBeGreaterThan(6.9 * 3_600_000);
  expect(opensInMs).toBeLessThanOrEqual(8 * 3_600_000);

  first.kill('SIGKILL');
  await first.end;
  expect((await askLedger(folder)).total).toMatchObject({ accepted: 41, delivered: 21, waiting: 20 });
  // The same list as a password reset goes to everybody at once; a campaign that is asleep does not hold it up.
  const urgent = startTodoku(folder, [...send, '--stream', 'transactional']);
  await arrivals.reached(62);
  await urgent.said(/outside the window/);
  urgent.kill('SIGINT');
  expect(sendResult(await urgent.end)).toMatchObject({ accepted: 41, delivered: 41, waiting: 0 });
  const { total } = await askLedger(folder);
  expect(total).toMatchObject({ accepted: 82, delivered: 62, waiting: 20 });
  expect(asleep.filter((address) => (arrivals.byRecipient.get(address)?.length ?? 0) !== 1)).toEqual([]);
  expect(awake.filter((address) => arrivals.byRecipient.get(address)?.length !== 2)).toEqual([]);
});

test('quiet hours of the configuration keep campaigns from phones at night, and are checked', async () => {
  const { sink, arrivals } = await startArrivalSink();
  const addresses = ['a@docomo.ne.jp', 'b@au.com', 'c@shop.example'];
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const hour = (new Date().getUTCHours() + 9) % 24;
  const two = (value: number): string => String((value + 24) % 24).padStart(2, '0');
  const quiet = { TODOKU_DELIVERY_QUIET_HOURS: `${two(hour - 2)}:00-${two(hour + 3)}:00` };
  const run = startTodoku(folder, send, quiet);
  await run.said(/outside the window .* Asia\/Tokyo/);
  await arrivals.reached(1);
  run.kill('SIGINT');
  expect(sendResult(await run.end)).toMatchObject({ delivered: 1, waiting: 2 });
  expect([...arrivals.byRecipient.keys()]).toEqual(['c@shop.example']);
  const wrong = await runTodoku(folder, ['config', 'check'], { TODOKU_DELIVERY_QUIET_HOURS: '25:00-08:00' });
  expect(wrong).toMatchObject({ code: 2, stdout: '' });
  expect(wrong.stderr).toMatch(/TODOKU_DELIVERY_QUIET_HOURS.* hours such as 21:00-08:00/);
});
