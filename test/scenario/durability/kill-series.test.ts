// A campaign of which the process is killed again and again: nothing is lost, and each second copy is explained.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { mostTwice } from './bound.ts';
import { startInbox } from './inbox.ts';
import type { Inbox } from './inbox.ts';
import { addressOf, answerOf, runProgram, sendArguments, startProgram, writeCampaign } from './program.ts';
import { deliveredIn, ledgerOf } from './record.ts';
import { seeded } from './seeded.ts';

type Series = { readonly recipients: number; readonly kills: number; readonly seed: number };

const width = { threads: 2, connectionsPerPath: 20 };

/** What is known after each kill, and what the runs before it left. */
type Killed = { readonly committed: ReadonlySet<string>; readonly uncommitted: number };

/** Lets the program run until the inbox has `target` copies, kills it, and looks at what it left. */
async function runAndKill(
  world: { readonly folder: string; readonly inbox: Inbox; readonly before: ReadonlySet<string> },
  argv: readonly string[],
  target: number,
): Promise<Killed> {
  const { folder, inbox, before } = world;
  const start = inbox.log.length;
  const program = startProgram(argv, { folder });
  inbox.at(target, () => program.child.kill('SIGKILL'));
  const ended = await program.ended;
  expect(ended).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  await inbox.quiet();
  const data = join(folder, 'data');
  const committed = deliveredIn(data);
  const run = inbox.log.slice(start);
  // Nothing that was durable is gone, or is sent again, or was never received.
  expect([...before].filter((address) => !committed.has(address))).toEqual([]);
  expect(run.filter((address) => before.has(address))).toEqual([]);
  expect([...committed].filter((address) => !inbox.copies.has(address))).toEqual([]);
  expect(ledgerOf(data)).toMatchObject({ ok: true, faults: [] });
  return { committed, uncommitted: run.filter((address) => !committed.has(address)).length };
}

async function killAgainAndAgain({ recipients, kills, seed }: Series): Promise<void> {
  const folder = temporaryFolder();
  const inbox = await startInbox();
  const random = seeded(seed);
  writeCampaign({ folder, port: inbox.port, recipients });
  let before: ReadonlySet<string> = new Set();
  const uncommitted: number[] = [];
  const stride = recipients / (kills + 1);
  for (let kill = 0; kill < kills; kill++) {
    const target = inbox.log.length + 1 + Math.floor(random() * 1.9 * stride);
    const argv = kill === 0 ? sendArguments : ['resume', '--json'];
    const killed = await runAndKill({ folder, inbox, before }, argv, target);
    expect(killed.uncommitted).toBeLessThanOrEqual(mostTwice(width));
    uncommitted.push(killed.uncommitted);
    before = killed.committed;
  }
  const start = inbox.log.length;
  const last = await runProgram(['resume', '--json'], { folder });
  expect(last).toMatchObject({ code: 0 });
  expect(answerOf(last)).toMatchObject({ accepted: recipients, delivered: recipients, waiting: 0 });
  expect(inbox.log.slice(start).filter((address) => before.has(address))).toEqual([]);
  const everybody = Array.from({ length: recipients }, (_, row) => addressOf(row));
  const lost = everybody.filter((address) => !inbox.copies.has(address)).length;
  const twice = inbox.log.length - inbox.copies.size;
  console.log(
    `${kills} kills, ${recipients} recipients: ${lost} lost, ${twice} copies too many ` +
      `(${Math.max(...uncommitted)} at most from one kill, bound ${mostTwice(width)})`,
  );
  expect(lost).toBe(0);
  expect(inbox.copies.size).toBe(recipients);
  // Each copy too many is one that the inbox had taken and the record had not, and no other.
  expect(twice).toBe(uncommitted.reduce((sum, each) => sum + each, 0));
  expect([...inbox.copies.values()].filter((each) => !each.sameId || each.messageId === null)).toEqual([]);
  expect(ledgerOf(join(folder, 'data'))).toMatchObject({ ok: true, total: { delivered: recipients } });
}

test('6 kills over 20,000 recipients: none lost, second copies only of what was not yet recorded', async () => {
  await killAgainAndAgain({ recipients: 20_000, kills: 6, seed: 20_261_123 });
  expect.hasAssertions();
}, 300_000);

// Takes over a minute and a half of two cores.
const isLong = process.env['TODOKU_LONG_TESTS'] === '1';
if (!isLong) console.warn('SKIPPED, 30 kills over 100,000 recipients: TODOKU_LONG_TESTS=1 runs it');

test.runIf(isLong)(
  '30 kills over 100,000 recipients: none lost, second copies only of what was not yet recorded',
  async () => {
    await killAgainAndAgain({ recipients: 100_000, kills: 30, seed: 20_261_124 });
    expect.hasAssertions();
  },
  900_000,
);
