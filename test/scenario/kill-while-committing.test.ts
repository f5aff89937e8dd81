import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const worker = join(import.meta.dirname, '../support/store-process.ts');
const rounds = 10;

/** The next number of a sequence that looks random and is the same in every run (Numerical Recipes' LCG). */
function following(seed: number): number {
  return (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
}

/** Lets a process commit until it has told of `lines` batches, then kills it; gives every id it told. */
async function commitUntilKilled(folder: string, lines: number): Promise<readonly number[]> {
  const child = spawn(process.execPath, [worker, 'commit', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const told: number[] = [];
  let seen = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'open') throw new Error('it came to its end before it was killed');
    told.push(...line.split(' ').map(Number));
    seen += 1;
    if (seen === lines) child.kill('SIGKILL');
  }
  await ended;
  return told;
}

function statesOf(store: Store, ids: readonly number[]): readonly string[] {
  const campaign = store.campaigns.withState('open').at(-1)?.name ?? '';
  // An id belongs to whichever campaign was open then: look it up under each.
  const names = store.campaigns.withState('open').map(({ name }) => name);
  return ids.map((id) => {
    const facts = [campaign, ...names]
      .map((name) => store.why.messageByKey(name, id))
      .find((each) => each !== null);
    return facts?.state ?? 'missing';
  });
}

test('what a killed process said was committed is there, and the ledger adds up', async () => {
  const folder = temporaryFolder();
  const told = new Set<number>();
  let seed = 20_260_101;
  for (let round = 0; round < rounds; round += 1) {
    seed = following(seed);
    const lines = 1 + (seed % 40);
    for (const id of await commitUntilKilled(folder, lines)) {
      expect(told.has(id)).toBe(false);
      told.add(id);
    }
    const store = openStore({ folder, clock: systemClock, mode: 'read' });
    const ids = [...told];
    expect(statesOf(store, ids)).toEqual(ids.map((id) => (id % 5 === 0 ? 'bounced' : 'delivered')));
    const ledger = store.reports.ledger();
    store.close();
    expect(ledger.faults).toEqual([]);
    const settled = ledger.total.delivered + ledger.total.bounced;
    // At most one batch of 20 each round was committed and could not be told any more.
    expect(settled).toBeGreaterThanOrEqual(told.size);
    expect(ledger.total.accepted).toBe(settled + ledger.total.waiting);
  }
  expect(told.size).toBeGreaterThan(rounds * 20);
});
