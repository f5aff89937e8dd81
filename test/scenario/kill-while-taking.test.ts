import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import type { Suppression } from '../../src/contacts/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const worker = join(import.meta.dirname, '../support/store-process.ts');
const rounds = 10;

/** Lets a process take bounces until it has told of `lines` batches, then kills it; gives the messages it told. */
async function takeUntilKilled(folder: string, lines: number): Promise<readonly number[]> {
  const child = spawn(process.execPath, [worker, 'take', folder], { stdio: ['pipe', 'pipe', 'inherit'] });
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

function allSuppressions(store: Store): readonly Suppression[] {
  const all: Suppression[] = [];
  for (let cursor: string | null = null, more = true; more;) {
    const page = store.suppressions.list({ reason: null, cursor, limit: 1_000 });
    all.push(...page.items);
    cursor = page.next;
    more = cursor !== null;
  }
  return all;
}

test('a kill leaves a bounce, its state and its suppression on record, or none of them', async () => {
  const folder = temporaryFolder();
  const told = new Set<number>();
  for (let round = 0; round < rounds; round += 1) {
    for (const id of await takeUntilKilled(folder, 1 + ((round * 7) % 23))) told.add(id);
    const store = openStore({ folder, clock: systemClock, mode: 'read' });
    const ledger = store.reports.ledger();
    expect(ledger.faults).toEqual([]);
    expect(ledger.total.bounced).toBeGreaterThanOrEqual(told.size);
    const suppressed = new Set(
      allSuppressions(store).map(({ source }) => Number(source.replace('message:', ''))),
    );
    for (const id of told) expect(suppressed.has(id)).toBe(true);
    for (const id of suppressed) expect(store.why.returnedOf(id)).toHaveLength(1);
    // Each bounce suppresses: what is not bounced yet waits for its delivery to be settled.
    expect(suppressed.size).toBeGreaterThanOrEqual(ledger.total.bounced);
    expect(suppressed.size - ledger.total.bounced).toBeLessThanOrEqual(ledger.total.waiting);
    store.close();
  }
  expect(told.size).toBeGreaterThan(rounds * 20);
});
