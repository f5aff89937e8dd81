import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/index.ts';
import { openStore } from '../../src/storage/sqlite/index.ts';
import { beginning, comparePositions, parsePosition, positionText } from '../../src/webhooks/index.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startWebhookReceiver } from '../support/webhook-receiver.ts';

const worker = join(import.meta.dirname, '../support/webhook-process.ts');
const rounds = 12;
// What may have been handed over and not be on record (src/webhooks/courier.ts).
const mostRepeatedEach = 128;

/** Ids of everything on record, in order, by message. */
function eventsOnRecord(folder: string): ReadonlyMap<string, readonly string[]> {
  const store = openStore({ folder, clock: systemClock, mode: 'read' });
  const byMessage = new Map<string, string[]>();
  for (let after = beginning, more = true; more;) {
    const page = store.events.page({ domains: null, types: null }, after, 500);
    for (const { message, position } of page.events)
      byMessage.set(message, [...(byMessage.get(message) ?? []), positionText(position)]);
    [after, more] = [page.last, page.more];
  }
  store.close();
  return byMessage;
}

test('a kill loses no event, repeats what was in flight at most, and keeps the order of every message', async () => {
  const folder = temporaryFolder();
  let failing = 0;
  const receiver = await startWebhookReceiver(() => {
    // Now and then a failure, so that retries are killed too.
    failing += 1;
    return { status: failing % 97 === 0 ? 500 : 204 };
  });
  const start = (campaigns: number): ReturnType<typeof spawn> => {
    const child = spawn(process.execPath, [worker, folder, String(receiver.port), String(campaigns)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  for (let round = 0; round < rounds; round += 1) {
    const child = start(1_000);
    const ended = once(child, 'exit');
    await receiver.reached(receiver.posts.length + 40 + ((round * 61) % 300));
    child.kill('SIGKILL');
    await ended;
  }
  const last = start(0);
  for await (const line of createInterface({ input: last.stdout ?? process.stdin })) {
    if (line === 'drained') break;
  }
  const ended = once(last, 'exit');
  last.kill('SIGKILL');
  await ended;

  const expected = eventsOnRecord(folder);
  const arrived = new Map<string, string[]>();
  for (const { message, id } of receiver.posts) arrived.set(message, [...(arrived.get(message) ?? []), id]);
  const all = [...expected.values()].flat();
  expect(all.length).toBeGreaterThan(rounds * 100);
  expect(new Set(receiver.posts.map(({ id }) => id))).toEqual(new Set(all));
  for (const [message, ids] of expected) {
    // Each event for the first time only when those before it had come.
    expect([message, [...new Set(arrived.get(message))]]).toEqual([message, ids]);
    expect(ids.map((id) => parsePosition(id) ?? beginning)).toEqual(
      ids.map((id) => parsePosition(id) ?? beginning).toSorted(comparePositions),
    );
  }
  const failures = Math.floor(receiver.posts.length / 97);
  const repeats = receiver.posts.length - all.length - failures;
  expect(repeats).toBeLessThanOrEqual(rounds * mostRepeatedEach);
});
