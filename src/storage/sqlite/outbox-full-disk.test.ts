import { rmSync } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mailBody, mailIdOf, newMail } from '../../../test/contract/mail-samples.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { fillDisk, mayMount, smallDisk } from '../../../test/support/small-disk.ts';
import { createFreeRoom } from '../../base/index.ts';
import { createOutbox } from '../../outbox/index.ts';
import { openStore } from './index.ts';

const clock = new FakeClock();

describe.skipIf(!mayMount())('a disk that fills up while mail is accepted', () => {
  async function world(leastBytes: number) {
    const { folder } = smallDisk('size=6m');
    const store = openStore({ folder, clock, create: true });
    const log = await store.bodies.openLog();
    onTestFinished(async () => {
      await log.close();
      store.close();
    });
    const outbox = createOutbox({
      store: store.outbox,
      bodies: log,
      random: () => 0.5,
      hasRoom: createFreeRoom({ folder, leastBytes, clock }),
      arrived: () => undefined,
    });
    const accepted: string[] = [];
    const body = (id: string) => mailBody(id, 'x'.repeat(10_000));
    /** false: refused since the disk is full; anything else is a fault. */
    const accept = async (number: number): Promise<boolean> => {
      const id = mailIdOf(number);
      const answer = await outbox.accept(newMail(id, ['a@a.example'], { bodies: [body(id)] }));
      if (answer.kind === 'accepted') accepted.push(id);
      else expect(answer).toEqual({ kind: 'disk-full' });
      // The room is asked for once a second.
      await clock.advance(1_000);
      return answer.kind === 'accepted';
    };
    const check = (): void => {
      expect(store.reports.ledger()).toMatchObject({ ok: true, total: { accepted: accepted.length } });
      for (const id of accepted) {
        const place = store.mails.find(id)[0]?.body;
        expect(place && String(store.mails.body(place))).toBe(String(body(id).bytes));
      }
    };
    return { folder, store, accept, check, accepted };
  }

  test('says so, keeps all that it accepted, and goes on when there is room', async () => {
    const { folder, accept, check, accepted } = await world(0);
    for (let at = 0; at < 20; at += 1) expect(await accept(at)).toBe(true);
    const ballast = fillDisk(folder);
    let refused = 0;
    for (let at = 100; at < 130; at += 1) if (!(await accept(at))) refused += 1;
    expect(refused).toBeGreaterThan(10);
    check();
    rmSync(ballast);
    for (let at = 200; at < 220; at += 1) expect(await accept(at)).toBe(true);
    check();
    expect(accepted.length).toBe(70 - refused);
  });

  test('refuses below the watermark, while there is room for what was accepted to be written down', async () => {
    const { store, accept, check } = await world(2_000_000);
    let count = 0;
    while (await accept(count)) count += 1;
    expect(count).toBeGreaterThan(50);
    check();
    // Two megabytes are left for the record.
    const ids = store.delivery.queuedPage(0, 1_000).map(({ id }) => id);
    expect(ids).toHaveLength(count);
    const event = (messageId: number) => ({
      messageId,
      atMs: clock.now(),
      kind: 'expired' as const,
      outcome: null,
      reading: { verdict: 'expired', detail: null, rule: 'local:expired', confidence: 1 },
    });
    const settlements = ids.map((id) => ({ event: event(id), next: { state: 'expired' as const } }));
    expect(store.delivery.commit(settlements, [], [])).toEqual({ dropped: 0 });
    check();
  });
});
