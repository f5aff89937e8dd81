import { expect, it } from 'vitest';
import { settlePromises } from '../../../test/support/fake-clock.ts';
import { Turnstile } from './turnstile.ts';

it('lets so many in at a time, in order, also past one that fails', async () => {
  const turnstile = new Turnstile(2);
  const started: number[] = [];
  const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const results = gates.map((gate, n) =>
    turnstile
      .pass(() => {
        started.push(n);
        return gate.promise;
      })
      .catch(() => -1),
  );
  await settlePromises();
  expect(started).toEqual([0, 1]);
  gates[1]?.reject(new Error('failed'));
  await settlePromises();
  expect(started).toEqual([0, 1, 2]);
  for (const [n, gate] of gates.entries()) gate.resolve(n);
  expect(await Promise.all(results)).toEqual([0, -1, 2, 3, 4]);
});
