import { afterEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { openSubmissionWorld, sendData } from '../../test/support/submission-world.ts';
import type { SubmissionWorld } from '../../test/support/submission-world.ts';
import { createMailRoom } from './mail-room.ts';

describe('the room', () => {
  it('is given in the order of asking, all that was asked for', async () => {
    const room = createMailRoom(new FakeClock(), 100);
    const order: string[] = [];
    const take = async (name: string, octets: number): Promise<void> => {
      if (await room.take(octets, 1_000)) order.push(name);
    };
    await take('a', 80);
    const waiting = [take('b', 50), take('c', 10)];
    await Promise.resolve();
    expect(order).toEqual(['a']);
    room.give(80);
    await Promise.all(waiting);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('is refused after the time, and to who wants more than there is', async () => {
    const clock = new FakeClock();
    const room = createMailRoom(clock, 100);
    expect(await room.take(101, 1_000)).toBe(false);
    expect(await room.take(100, 1_000)).toBe(true);
    const large = room.take(60, 1_000);
    const small = room.take(40, 5_000);
    await clock.advance(1_000);
    expect(await large).toBe(false);
    room.give(50);
    expect(await small).toBe(true);
  });
});

describe('many connections that send large mails', () => {
  let world: SubmissionWorld | null = null;
  afterEach(async () => await world?.listener.stop(0));

  it('hold no more than the room together, and all are taken', async () => {
    let [held, most] = [0, 0];
    world = await openSubmissionWorld({
      limits: { messageBytes: 1_000_000, memoryBytes: 4_000_000 },
      accept: async (mail) => {
        held += 1;
        most = Math.max(most, held);
        await new Promise((resolve) => setImmediate(resolve));
        held -= 1;
        return { kind: 'accepted', id: mail.id, messages: [], repeated: false };
      },
    });
    const opened = world;
    const line = `${'x'.repeat(98)}\r\n`;
    const mail = Buffer.from(`From: app@shop.example\r\n\r\n${line.repeat(9_000)}.\r\n`);
    const one = async (): Promise<string> => {
      const dialog = await opened.logIn();
      return (await sendData(dialog, mail)).slice(0, 3);
    };
    const replies = await Promise.all(Array.from({ length: 60 }, one));
    expect(replies).toEqual(Array.from({ length: 60 }, () => '250'));
    // A mail that is held whole has its room: four of 1 MB at a time.
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(4);
    expect(opened.troubles).toEqual([]);
  });

  it('is left to others by who declares a small SIZE and sends more, or goes away', async () => {
    world = await openSubmissionWorld({ limits: { messageBytes: 900_000, memoryBytes: 900_000 } });
    const liar = await world.logIn();
    await liar.ask('MAIL FROM:<app@shop.example> SIZE=200000');
    await liar.ask('RCPT TO:<a@example.org>');
    await liar.ask('DATA');
    liar.send(`From: app@shop.example\r\n\r\n${'x\r\n'.repeat(150_000)}.\r\n`);
    expect(await liar.reply()).toMatch(/^552 5\.3\.4 .*SIZE/);
    const gone = await world.logIn();
    await gone.ask('MAIL FROM:<app@shop.example>');
    await gone.ask('RCPT TO:<a@example.org>');
    await gone.ask('DATA');
    gone.send(`From: app@shop.example\r\n\r\n${'x\r\n'.repeat(100_000)}`);
    gone.destroy();
    const honest = await world.logIn();
    expect(await sendData(honest, `From: app@shop.example\r\n\r\n${'x\r\n'.repeat(200_000)}.\r\n`)).toMatch(
      /^250 /,
    );
    expect(await sendData(honest, `From: app@shop.example\r\n\r\n${'x\r\n'.repeat(400_000)}.\r\n`)).toMatch(
      /^552 5\.3\.4 /,
    );
    expect(await honest.ask('NOOP')).toMatch(/^250 /);
    expect(world.troubles).toEqual([]);
  });
});
