// Fewer file descriptors than connections are allowed: the campaign takes as many as there are, and comes to its end.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startInbox } from './inbox.ts';
import { answerOf, runProgram, sendArguments, writeCampaign } from './program.ts';
import type { Ended } from './program.ts';
import { ledgerOf } from './record.ts';

const recipients = 3_000;

type Limited = { readonly ended: Ended; readonly copies: number; readonly mostCopies: number };

/** Sends with up to 100 connections where only `descriptors` files and sockets may be open. */
async function sendWith(descriptors: number): Promise<Limited> {
  const folder = temporaryFolder();
  const inbox = await startInbox();
  const delivery = ['  connectionsPerPath: 100'];
  writeCampaign({ folder, port: inbox.port, recipients, delivery });
  // Soft and hard: Node raises its soft limit to the hard one.
  const through = ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh'];
  const ended = await runProgram(sendArguments, { folder, through });
  expect(ledgerOf(join(folder, 'data'))).toMatchObject({ ok: true, total: { delivered: recipients } });
  return {
    ended,
    copies: inbox.copies.size,
    mostCopies: Math.max(...[...inbox.copies.values()].map(({ count }) => count)),
  };
}

test('64 descriptors and 100 connections: two threads share what there is, nobody is blamed', async () => {
  const { ended, copies, mostCopies } = await sendWith(64);
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(answerOf(ended)).toMatchObject({ accepted: recipients, delivered: recipients, unknown: 0 });
  expect({ copies, mostCopies }).toEqual({ copies: recipients, mostCopies: 1 });
  expect(ended.stderr).not.toMatch(/cannot be reached|died|fault/);
}, 120_000);

test('32 descriptors: too few for threads, it says so and delivers without them', async () => {
  const { ended, copies, mostCopies } = await sendWith(32);
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.stderr).toMatch(/delivery threads cannot be used \(.*EMFILE.*\); going on without/);
  expect({ copies, mostCopies }).toEqual({ copies: recipients, mostCopies: 1 });
}, 120_000);
