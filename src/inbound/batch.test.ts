import { expect, it } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { StorageFull } from '../base/index.ts';
import { createIntakeBatch } from './batch.ts';
import type { IntakeBatch } from './batch.ts';
import type { Examined, Intake } from './intake.ts';

const clock = new FakeClock();

type World = { readonly batch: IntakeBatch; readonly commits: string[][] };

/** An intake whose commit runs `fault` over each mail first. */
function world(fault: (mail: string) => void): World {
  const commits: string[][] = [];
  const textOf = ({ arrival }: Examined): string => Buffer.from(arrival.mail).toString();
  const intake: Intake = {
    examine: (arrival) => ({
      arrival,
      digest: '',
      events: [],
      unsubscribes: [],
      mayBeReport: false,
      keep: 'never',
    }),
    commit(batch) {
      const texts = batch.map(textOf);
      commits.push(texts);
      texts.forEach(fault);
      return texts.map(() => 'news' as const);
    },
  };
  return { batch: createIntakeBatch(intake, clock), commits };
}

const add = ({ batch }: World, mail: string): Promise<unknown> =>
  batch
    .add({ mail: Buffer.from(mail), recipients: null, via: 'smtp', atMs: 0 })
    .catch((error: unknown) => error);

it('commits what came in one moment together', async () => {
  const made = world(() => {});
  const answers = [add(made, 'a'), add(made, 'b')];
  await clock.advance(0);
  expect(await Promise.all(answers)).toEqual(['news', 'news']);
  expect(made.commits).toEqual([['a', 'b']]);
});

it('turns away the mail that the store has a fault with, and no other', async () => {
  const fault = new TypeError('b');
  const made = world((mail) => {
    if (mail === 'b') throw fault;
  });
  const answers = [add(made, 'a'), add(made, 'b'), add(made, 'c')];
  await clock.advance(0);
  expect(await Promise.all(answers)).toEqual(['news', fault, 'news']);
  expect(made.commits).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
});

it('asks a full disk once, and tells everybody', async () => {
  const full = new StorageFull('full', { code: 'storage-full', message: { ja: '-', en: '-' } });
  const made = world(() => {
    throw full;
  });
  const answers = [add(made, 'a'), add(made, 'b')];
  await clock.advance(0);
  expect(await Promise.all(answers)).toEqual([full, full]);
  expect(made.commits).toHaveLength(1);
});
