import { describe, expect, it } from 'vitest';
import { messageBuffer, recycleMessage } from './message-buffers.ts';

describe('message buffers', () => {
  it('are used again after they were given back, and only then', () => {
    const first = messageBuffer(40_000);
    const second = messageBuffer(40_000);
    expect(second.buffer).not.toBe(first.buffer);
    recycleMessage(first);
    const third = messageBuffer(39_000);
    expect(third.buffer).toBe(first.buffer);
    expect(third).toHaveLength(39_000);
  });

  it('given back twice hold one message all the same', () => {
    const bytes = messageBuffer(50_000);
    recycleMessage(bytes);
    recycleMessage(bytes);
    const next = [messageBuffer(50_000), messageBuffer(50_000)];
    expect(next[0]?.buffer).not.toBe(next[1]?.buffer);
  });

  it('that do not fit, are small, giant or not ours are left alone', () => {
    recycleMessage(messageBuffer(20_000));
    expect(messageBuffer(200_000)).toHaveLength(200_000);
    for (const octets of [0, 100, 300_000]) {
      const bytes = messageBuffer(octets);
      expect(bytes).toHaveLength(octets);
      recycleMessage(bytes);
    }
    const foreign = Buffer.alloc(40_000);
    recycleMessage(foreign);
    expect(messageBuffer(40_000).buffer).not.toBe(foreign.buffer);
  });
});
