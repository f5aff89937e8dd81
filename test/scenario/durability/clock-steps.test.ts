// Somebody sets the clock of the machine while a campaign runs: nothing is lost, sent twice or tried without end.
import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../support/delivery-world.ts';
import type { FakeAnswer, FakeConnection } from '../../support/fake-smtp.ts';
import { refusedConnection } from '../../support/fake-smtp.ts';
import { requirePeer } from '../../support/peer.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { startInbox } from './inbox.ts';
import { addressOf, answerOf, sendArguments, startProgram, writeCampaign } from './program.ts';
import { lastEventMs, ledgerOf } from './record.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const steps = [
  { name: 'an hour back', stepsMs: [-hourMs] },
  { name: 'a day forward', stepsMs: [dayMs] },
  { name: 'an hour back, then a day forward', stepsMs: [-hourMs, dayMs] },
];

describe.each(steps)('the clock is set $name', ({ stepsMs }) => {
  test('each message is deferred once, tried again in its time, and delivered once', async () => {
    const messages = 200;
    const tries = new Map<string, number>();
    const answer = ({ to }: { readonly to: string }): FakeAnswer => {
      const tried = (tries.get(to) ?? 0) + 1;
      tries.set(to, tried);
      return tried === 1 ? { kind: 'reply', code: 450, stage: 'rcpt' } : { kind: 'accept' };
    };
    let dials = 0;
    const connection = (): FakeConnection => {
      dials++;
      // The first are refused, so that a hold too is under way when the clock is set.
      return dials <= 2 ? { kind: 'fail', failure: refusedConnection } : { kind: 'open', answer };
    };
    const world = deliveryWorld({ connection });
    world.accept(
      Array.from({ length: messages }, (_, row) => `m${row}@d${row % 4}.example`),
      5 * dayMs,
    );
    const startMs = world.clock.monotonic();
    // One while a path is held, one while deferred messages wait.
    for (const [at, stepMs] of stepsMs.entries()) {
      world.clock.after(1_000 + at * 4_000, () => world.clock.step(stepMs));
    }
    const run = world.engine().run();
    await passTime(world.clock, run, { mostMs: hourMs });
    await run;
    expect(world.store.ledger().total).toMatchObject({ delivered: messages, waiting: 0 });
    expect([...tries.values()].filter((tried) => tried !== 2)).toEqual([]);
    // By the time that passes: 2 s of hold and 15 s to the retry, spread by at most half, and no more.
    expect(world.clock.monotonic() - startMs).toBeLessThan(60_000);
    // No path dials in a circle.
    expect(dials).toBeLessThan(60);
    expect(world.troubles).toEqual([]);
  });
});

test('a retry that is on its way to the record when the clock is set back comes in its time', async () => {
  let deferred = false;
  const world = deliveryWorld({
    connection: () => ({
      kind: 'open',
      answer() {
        if (deferred) return { kind: 'accept' };
        deferred = true;
        // The carrier reports outcomes 5 ms later, together.
        world.clock.after(2, () => world.clock.step(-hourMs));
        return { kind: 'reply', code: 450, stage: 'rcpt' };
      },
    }),
  });
  world.accept(['m@a.example'], 5 * dayMs);
  const startMs = world.clock.monotonic();
  const run = world.engine().run();
  await passTime(world.clock, run, { mostMs: 2 * hourMs });
  await run;
  expect(world.store.ledger().total).toMatchObject({ delivered: 1, waiting: 0 });
  expect(world.clock.monotonic() - startMs).toBeLessThan(60_000);
});

describe.skipIf(!requirePeer('faketime'))('the running program', () => {
  test('is not moved by a clock that is set an hour back and a day forward', async () => {
    const recipients = 3_000;
    const folder = temporaryFolder();
    const offset = join(folder, 'offset');
    const setClock = (seconds: number): void =>
      writeFileSync(offset, seconds < 0 ? String(seconds) : `+${seconds}`);
    setClock(0);
    const [library = ''] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');
    const deferred = new Set(Array.from({ length: 30 }, (_, row) => addressOf(row * 100)));
    const inbox = await startInbox((address) => deferred.has(address));
    writeCampaign({ folder, port: inbox.port, recipients, delivery: ['  retry: { first: 1s }'] });
    const program = startProgram(sendArguments, {
      folder,
      environment: {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: offset,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
    inbox.at(1_000, () => setClock(-3_600));
    inbox.at(2_000, () => setClock(86_400));
    const ended = await program.ended;
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(answerOf(ended)).toMatchObject({ accepted: recipients, delivered: recipients, expired: 0 });
    expect(inbox.log).toHaveLength(recipients);
    expect(inbox.copies.size).toBe(recipients);
    expect(ledgerOf(join(folder, 'data'))).toMatchObject({ ok: true, total: { delivered: recipients } });
    // It did see the other time: what was written down last is of the day after.
    expect(lastEventMs(join(folder, 'data')) - Date.now()).toBeGreaterThan(dayMs / 2);
  }, 120_000);
});
