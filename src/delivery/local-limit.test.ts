import { expect, test } from 'vitest';
import { deliveryWorld, passTime } from '../../test/support/delivery-world.ts';
import type { FakeConnection } from '../../test/support/fake-smtp.ts';
import type { SmtpFailure } from '../net/smtp-client/index.ts';

const noDescriptors: SmtpFailure = {
  origin: 'local',
  stage: 'connect',
  cause: 'connect-local',
  text: 'connect EMFILE',
};

test('a connection that this machine cannot open is not called the fault of the receiver', async () => {
  let dials = 0;
  const world = deliveryWorld({
    connection: (): FakeConnection => {
      dials++;
      if (dials <= 3) return { kind: 'fail', failure: noDescriptors };
      return { kind: 'open', answer: () => ({ kind: 'accept' }) };
    },
  });
  world.accept(Array.from({ length: 20 }, (_, index) => `m${index}@a.example`));
  const startMs = world.clock.monotonic();
  const run = world.engine().run();
  await passTime(world.clock, run, { mostMs: 60_000 });
  await run;
  expect(new Set(world.held.map(({ because }) => because))).toEqual(new Set(['local-limit']));
  expect(world.held[0]).toMatchObject({ detail: 'connect EMFILE' });
  expect(world.store.ledger().total).toMatchObject({ delivered: 20, waiting: 0 });
  // 1, 2 and 4 s: soon enough for descriptors that come free, and no busy loop.
  expect(world.clock.monotonic() - startMs).toBeGreaterThan(7_000);
  expect(world.clock.monotonic() - startMs).toBeLessThan(15_000);
});
