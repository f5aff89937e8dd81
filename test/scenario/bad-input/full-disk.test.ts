import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startArrivalSink } from '../../support/arrivals.ts';
import { campaignFolder } from '../../support/campaign-folder.ts';
import { startGatedSink } from '../../support/gated-sink.ts';
import { fillDisk, mayMount, smallDisk } from '../../support/small-disk.ts';
import { runTodoku, sendResult, startTodoku } from '../../support/todoku-run.ts';

function addresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, row) => `user${row}@d${row % 9}.example`);
}

describe.skipIf(!mayMount())('a disk that is full', () => {
  test.each([
    ['ja', /^todoku: \S+ のディスクに空きがありません — [^\n]+$/],
    ['en', /^todoku: no room left on the disk of \S+ — make room[^\n]+$/],
  ])('while the recipients are stored ends the send in one line, %s', async (language, line) => {
    const { sink, arrivals } = await startArrivalSink();
    // 20,000 recipients take some 3 MB: the first batches fit, not all of them.
    const { folder, send } = campaignFolder({ port: sink.port, addresses: addresses(20_000) });
    const disk = smallDisk('size=1m');
    const data = ['--data', join(disk.folder, 'store')];
    const end = await runTodoku(folder, [...send, ...data, '--lang', language]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(line);
    expect(arrivals.count).toBe(0);
    disk.remount('size=32m');
    const resumed = await runTodoku(folder, ['resume', '--json', ...data]);
    if (existsSync(join(disk.folder, 'store'))) {
      expect(resumed).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(resumed.stdout)).toMatchObject({ accepted: 0, campaigns: [] });
    } else expect(resumed.code).toBe(2);
    expect(arrivals.count).toBe(0);
    // With room the same command just works.
    const again = sendResult(await runTodoku(folder, [...send, ...data, '--no-wait']));
    expect(again).toMatchObject({ accepted: 20_000, waiting: 20_000 });
  });

  test('from the start leaves no data folder', async () => {
    const { sink } = await startArrivalSink();
    const { folder, send } = campaignFolder({ port: sink.port, addresses: addresses(10) });
    const disk = smallDisk('size=64k');
    fillDisk(disk.folder);
    const end = await runTodoku(folder, [...send, '--data', join(disk.folder, 'store')]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/^todoku: no room left on the disk of \S+ — [^\n]+$/);
    expect(readdirSync(disk.folder)).toEqual(['ballast']);
    expect(sink.stats().connections).toBe(0);
  });

  test('in mid-campaign pauses the sending, which goes on by itself when there is room', async () => {
    const shutAfter = 200;
    const count = 3_000;
    const sink = await startGatedSink(shutAfter);
    const { folder, send } = campaignFolder({ port: sink.port, addresses: addresses(count) });
    const disk = smallDisk('size=8m');
    const run = startTodoku(folder, [...send, '--data', join(disk.folder, 'store'), '--lang', 'en']);
    await sink.arrivals.reached(shutAfter);
    const ballast = fillDisk(disk.folder);
    await sink.open();
    const paused = await run.said(/nothing new is sent/);
    expect(paused).toMatch(
      /^todoku: no room left on the disk of \S+; nothing new is sent until there is room/,
    );
    expect(sink.arrivals.count).toBeLessThan(count);
    rmSync(ballast);
    await run.said(/takes data again/);
    const end = await run.end;
    expect(end.code).toBe(0);
    expect(sendResult(end)).toMatchObject({ accepted: count, delivered: count, waiting: 0, unknown: 0 });
    expect(sink.arrivals.byRecipient.size).toBe(count);
    expect(sink.arrivals.duplicates).toBe(0);
    const ledger = await runTodoku(folder, ['ledger', '--json', '--data', join(disk.folder, 'store')]);
    expect(JSON.parse(ledger.stdout)).toMatchObject({
      ok: true,
      total: { accepted: count, delivered: count },
    });
  });
});
