import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { final, startMs } from '../../../test/contract/samples.ts';
import { mailBody, mailIdOf, newMail } from '../../../test/contract/mail-samples.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { createOutbox, startHousekeeping } from '../../outbox/index.ts';
import type { Housekeeping, OpenOutbox } from '../../outbox/index.ts';
import { openSegmentLog } from '../segments/index.ts';
import { openStore } from './index.ts';
import type { Store } from './index.ts';

const dayMs = 24 * 60 * 60 * 1000;
const minuteMs = 60_000;

type World = {
  readonly store: Store;
  readonly clock: FakeClock;
  readonly outbox: OpenOutbox;
  readonly files: () => readonly string[];
  /** A whole round, while time passes. */
  readonly round: () => Promise<void>;
  readonly bodyOf: (id: string) => string | null;
  readonly settle: (id: string) => void;
};

/** Segments of about four mails. */
async function world(retentionMs: number): Promise<World> {
  const clock = new FakeClock(startMs);
  const folder = temporaryFolder();
  const store = openStore({ folder, clock, create: true });
  const bodies = join(folder, 'bodies');
  const log = await openSegmentLog({ folder: bodies, segmentOctets: 1_000, knownEnd: () => 0 });
  const troubles: unknown[] = [];
  const keeping: Housekeeping = startHousekeeping({
    store: store.keeping,
    segments: log,
    read: (place) => store.bodies.read(place),
    clock,
    retentionMs,
    onTrouble: (error) => troubles.push(error),
  });
  const random = (): number => 0.5;
  const parts = { store: store.outbox, bodies: log, random, hasRoom: () => true, arrived: () => undefined };
  const outbox = createOutbox(parts);
  onTestFinished(async () => {
    await keeping.stop();
    await log.close();
    store.close();
    expect(troubles).toEqual([]);
  });
  return {
    store,
    clock,
    outbox,
    files: () => readdirSync(bodies),
    async round() {
      const state = { over: false };
      const round = keeping.round().finally(() => (state.over = true));
      while (!state.over) await clock.advance(20);
      await round;
    },
    bodyOf(id) {
      const place = store.mails.find(id)[0]?.body ?? null;
      return place === null ? null : (store.mails.body(place)?.toString() ?? 'unreadable');
    },
    settle(id) {
      const ids = store.mails.find(id).map(({ messageId }) => final(messageId, 'delivered'));
      // As the engine writes it: at the time of the clock.
      const at = ids.map((each) => ({ ...each, event: { ...each.event, atMs: clock.now() } }));
      store.delivery.commit(at, [], []);
    },
  };
}

async function accept({ outbox }: World, number: number): Promise<string> {
  const id = mailIdOf(number);
  expect((await outbox.accept(newMail(id, ['a@a.example', 'b@b.example']))).kind).toBe('accepted');
  return id;
}

test('bodies are kept for the retention after the end, and no longer; segments go when they are empty', async () => {
  const made = await world(7 * dayMs);
  const ids: string[] = [];
  for (let at = 0; at < 20; at += 1) ids.push(await accept(made, at));
  expect(made.files().length).toBeGreaterThan(3);
  for (const id of ids) made.settle(id);
  await made.clock.advance(7 * dayMs - minuteMs);
  await made.round();
  expect(ids.filter((id) => made.bodyOf(id) === null)).toEqual([]);
  await made.clock.advance(2 * minuteMs);
  await made.round();
  expect(ids.filter((id) => made.bodyOf(id) !== null)).toEqual([]);
  await made.clock.advance(2 * minuteMs);
  await made.round();
  // The one that is being written stays.
  expect(made.files()).toHaveLength(1);
  expect(made.store.reports.ledger()).toMatchObject({ ok: true, total: { accepted: 40, delivered: 40 } });
});

test('what waits in a segment of things past is moved, and can still be read', async () => {
  const made = await world(0);
  const ids: string[] = [];
  for (let at = 0; at < 40; at += 1) ids.push(await accept(made, at));
  const waiting = ids.filter((_, at) => at % 9 === 0);
  for (const id of ids) if (!waiting.includes(id)) made.settle(id);
  const before = made.files().length;
  for (let round = 0; round < 4; round += 1) {
    await made.clock.advance(11 * minuteMs);
    await made.round();
  }
  expect(made.files().length).toBeLessThan(before / 2);
  expect(waiting.map((id) => made.bodyOf(id))).toEqual(waiting.map((id) => String(mailBody(id).bytes)));
});

test('never the body of a message that waits, whatever is settled when', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('accept', 'settle', 'wait', 'round'), { minLength: 10, maxLength: 30 }),
      fc.array(fc.nat(), { minLength: 30, maxLength: 30 }),
      async (steps, draws) => {
        const made = await world(0);
        const waiting: string[] = [];
        let accepted = 0;
        for (const [at, step] of steps.entries()) {
          if (step === 'accept') waiting.push(await accept(made, (accepted += 1)));
          if (step === 'settle') {
            const [id] = waiting.splice((draws[at] ?? 0) % Math.max(1, waiting.length), 1);
            if (id !== undefined) made.settle(id);
          }
          if (step === 'wait') await made.clock.advance(11 * minuteMs);
          if (step === 'round') await made.round();
          expect(waiting.map((id) => made.bodyOf(id))).toEqual(
            waiting.map((id) => String(mailBody(id).bytes)),
          );
        }
      },
    ),
    // Each step waits for the disk.
    { numRuns: 8 },
  );
});

test('answers to idempotency keys are removed after a day', async () => {
  const made = await world(0);
  const idempotency = { key: 'k', fingerprint: 'f' };
  const mails = Array.from({ length: 200 }, (_, at) =>
    newMail(mailIdOf(at), ['a@a.example'], { idempotency }),
  );
  await made.outbox.acceptAll(mails);
  await made.clock.advance(dayMs + 1);
  await made.round();
  expect(made.store.keeping.pruneAnswers(made.clock.now() + 10 * dayMs, 1)).toBe(false);
});
