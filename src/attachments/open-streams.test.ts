import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { createOpenStreams } from './open-streams.ts';

function octets(...chunks: readonly string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(Buffer.from(chunk));
      controller.close();
    },
  });
}

/** A file that gives one chunk and then nothing more. */
function stalled(cancelled: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start: (controller) => controller.enqueue(Buffer.from('a')),
    pull: () => new Promise(() => null),
    cancel: cancelled,
  });
}

it('gives the octets as they are, and counts until the end', async () => {
  const clock = new FakeClock();
  const streams = createOpenStreams(clock);
  for (let round = 0; round < 500; round += 1)
    expect(await new Response(streams.watch(octets('one', 'two'))).text()).toBe('onetwo');
  expect(streams.isFull()).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

it('has room again when readers go away, or their hour is over', async () => {
  const clock = new FakeClock();
  const streams = createOpenStreams(clock);
  let closed = 0;
  const open = Array.from({ length: 200 }, () => streams.watch(stalled(() => (closed += 1))));
  expect(streams.isFull()).toBe(true);
  await open[0]?.cancel();
  expect(streams.isFull()).toBe(false);
  const reader = open[1]?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  const next = reader?.read().then(
    () => 'more',
    (error: unknown) => String(error),
  );
  await clock.advance(60 * 60 * 1000);
  expect(await next).toContain('longer than an hour');
  expect(closed).toBe(200);
  expect(clock.pendingTimers).toBe(0);
});

it('does not count a file that cannot be read any more', async () => {
  const streams = createOpenStreams(new FakeClock());
  for (let round = 0; round < 300; round += 1) {
    const broken = new ReadableStream<Uint8Array>({
      start: (controller) => controller.error(new Error('EIO')),
    });
    await expect(new Response(streams.watch(broken)).text()).rejects.toThrow('EIO');
  }
  expect(streams.isFull()).toBe(false);
});
