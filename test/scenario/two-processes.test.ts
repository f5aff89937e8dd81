import { expect, test } from 'vitest';
import { campaignFolder } from '../support/campaign-folder.ts';
import { startGatedSink } from '../support/gated-sink.ts';
import { askLedger, runTodoku, sendResult, startTodoku, whyAnswer } from '../support/todoku-run.ts';

const recipients = 2_000;

test('a second send is refused in one line, and questions are answered meanwhile', async () => {
  const sink = await startGatedSink(300);
  const addresses = Array.from({ length: recipients }, (_, row) => `user${row}@d${row % 9}.example`);
  const { folder, send } = campaignFolder({ port: sink.port, addresses });
  const first = startTodoku(folder, send);
  await sink.arrivals.reached(300);

  for (const argv of [send, ['resume', '--json'], ['cancel', 'c-0000000000-00000', '--json']]) {
    const second = await runTodoku(folder, argv);
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr.split('\n')).toHaveLength(1);
    expect(second.stderr).toMatch(
      /^todoku: another Todoku \(pid \d+, `send`, since .*\) works in .*wait for it/,
    );
    expect(second.stderr).toContain(`pid ${first.pid},`);
  }

  const { total } = await askLedger(folder);
  expect(total).toMatchObject({ accepted: recipients, delivered: recipients - total.waiting });
  expect(total.waiting).toBeGreaterThan(0);
  // The last row of the list comes last: it waits, and for nothing but its turn.
  const waiting = whyAnswer(await runTodoku(folder, ['why', addresses.at(-1) ?? '', '--json']));
  expect(waiting).toMatchObject({ state: 'waiting', because: 'queued' });
  expect(Date.parse(waiting.until ?? '')).toBeGreaterThan(Date.now());
  const [gone = ''] = sink.arrivals.byRecipient.keys();
  expect(whyAnswer(await runTodoku(folder, ['why', gone, '--json']))).toMatchObject({ to: gone });

  await sink.open();
  const end = await first.end;
  expect(end).toMatchObject({ code: 0, stderr: '' });
  expect(sendResult(end)).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0 });
  expect(sink.arrivals.duplicates).toBe(0);
  expect(sink.arrivals.byRecipient.size).toBe(recipients);
  expect(await askLedger(folder)).toMatchObject({ campaigns: [{ accepted: recipients }] });
});
