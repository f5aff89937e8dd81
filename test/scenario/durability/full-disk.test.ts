// The disk fills while two threads deliver: no new mail is started, it says so, loses nothing, and goes on by itself.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mayMount, smallDisk } from '../../support/small-disk.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { mostTwice } from './bound.ts';
import { startInbox } from './inbox.ts';
import { answerOf, runProgram, sendArguments, startProgram, writeCampaign } from './program.ts';
import { deliveredIn, ledgerOf } from './record.ts';

const recipients = 10_000;
const width = { threads: 2, connectionsPerPath: 20 };

/** Takes all room that is left. */
function fill(file: string): void {
  for (const size of [65_536, 4_096]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
}

describe.skipIf(!mayMount())('a disk that is full in mid-campaign', () => {
  test('stops new mail, says so, loses nothing, and goes on when there is room', async () => {
    const folder = temporaryFolder();
    const disk = smallDisk('size=64m');
    const data = join(disk.folder, 'data');
    const ballast = join(disk.folder, 'ballast');
    const inbox = await startInbox();
    writeCampaign({ folder, port: inbox.port, recipients });
    const program = startProgram([...sendArguments, '--data', data], { folder });
    inbox.at(2_000, () => fill(ballast));
    await program.said('nothing new is sent until there is room');

    // An operator looks, twice: the record can be read, adds up, and lacks only what is within the bound. Had sending gone
    // on meanwhile, thousands would be missing.
    for (let look = 0; look < 2; look++) {
      const looked = await runProgram(['ledger', '--json', '--data', data], { folder });
      expect(looked).toMatchObject({ code: 0 });
    }
    const taken = inbox.log.length;
    expect(taken - deliveredIn(data).size).toBeLessThanOrEqual(mostTwice(width));
    expect(taken).toBeLessThan(recipients - mostTwice(width));

    rmSync(ballast);
    await program.said('the disk takes data again; going on');
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(answerOf(ended)).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0 });
    // What could not be written down was kept, so nothing is sent a second time.
    expect(inbox.log).toHaveLength(recipients);
    expect(inbox.copies.size).toBe(recipients);
    expect(ledgerOf(data)).toMatchObject({ ok: true, total: { delivered: recipients } });
  }, 180_000);

  test('a kill while the disk is full costs second copies within the bound, and no mail', async () => {
    const folder = temporaryFolder();
    const disk = smallDisk('size=64m');
    const data = join(disk.folder, 'data');
    const ballast = join(disk.folder, 'ballast');
    const inbox = await startInbox();
    writeCampaign({ folder, port: inbox.port, recipients });
    const program = startProgram([...sendArguments, '--data', data], { folder });
    inbox.at(3_000, () => fill(ballast));
    await program.said('nothing new is sent until there is room');
    program.child.kill('SIGKILL');
    expect(await program.ended).toMatchObject({ signal: 'SIGKILL' });
    await inbox.quiet();
    const uncommitted = inbox.log.length - deliveredIn(data).size;
    expect(uncommitted).toBeLessThanOrEqual(mostTwice(width));

    // No room to go on with: one line that says what to do, and nothing is sent.
    const taken = inbox.log.length;
    const full = startProgram(['resume', '--json', '--data', data], { folder });
    const outcome = await Promise.race([
      full.ended.then(({ code }) => `exit ${code}`),
      full.said('no room left').then(() => 'waits'),
    ]);
    expect(outcome).toBeOneOf(['exit 2', 'waits']);
    full.child.kill('SIGKILL');
    await full.ended;
    await inbox.quiet();
    const sentWhileFull = inbox.log.length - taken;
    expect(sentWhileFull).toBeLessThanOrEqual(mostTwice(width));

    rmSync(ballast);
    const ended = await runProgram(['resume', '--json', '--data', data], { folder });
    expect(ended).toMatchObject({ code: 0 });
    expect(answerOf(ended)).toMatchObject({ accepted: recipients, delivered: recipients });
    const twice = inbox.log.length - recipients;
    console.log(`killed on a full disk: 0 lost, ${twice} copies too many (bound ${mostTwice(width)})`);
    expect(twice).toBe(uncommitted + sentWhileFull);
    expect(inbox.copies.size).toBe(recipients);
    expect([...inbox.copies.values()].filter((each) => !each.sameId)).toEqual([]);
  }, 180_000);
});
