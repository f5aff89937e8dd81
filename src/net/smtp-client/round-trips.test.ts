import { afterEach, expect, it } from 'vitest';
import { startBatchPeer } from '../../../test/support/batch-peer.ts';
import type { BatchPeer } from '../../../test/support/batch-peer.ts';
import { message, openSession } from '../../../test/support/smtp-dialing.ts';
import { systemClock } from '../../base/index.ts';
import type { TransactionResult } from './contract.ts';

let peer: BatchPeer;
afterEach(() => peer.close());

/** Sends `expected` messages as fast as the session lets; gives the results. */
async function sendAll(expected: number, chunking: boolean): Promise<TransactionResult[]> {
  const session = await openSession(peer.port, systemClock, { chunking });
  const results: Promise<TransactionResult>[] = [];
  const refill = (): void => {
    while (session.room > 0 && results.length < expected)
      results.push(session.send(message(`${results.length}@example.jp`)));
  };
  session.onChange(refill);
  refill();
  for (let n = 0; n < expected; n++) await results[n];
  await session.quit();
  return Promise.all(results);
}

it('one session moves one message per round trip with DATA', async () => {
  peer = await startBatchPeer({ chunking: false, expected: 50, inFlight: 1 });
  const results = await sendAll(50, false);
  expect(results.every(({ kind }) => kind === 'accepted')).toBe(true);
  // One for the first envelope, one for each body, each with the next envelope behind it.
  expect([peer.messages, peer.batches]).toEqual([50, 51]);
});

it('four messages per round trip with BDAT, after a first one alone', async () => {
  peer = await startBatchPeer({ chunking: true, expected: 41, inFlight: 4 });
  const results = await sendAll(41, true);
  expect(results.every(({ kind }) => kind === 'accepted')).toBe(true);
  expect([peer.messages, peer.batches]).toEqual([41, 11]);
});
