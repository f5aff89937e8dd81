import { expect, test } from 'vitest';
import type { DnsAnswer, MxRecord, Resolver } from './contract.ts';
import { givingUp } from './patient-resolver.ts';

const timeout = { kind: 'failed', cause: 'timeout', server: '192.0.2.53' } as const;
const servfail = { ...timeout, cause: 'servfail' } as const;
const good = { kind: 'nodata', ttlSeconds: 60, authenticated: false } as const;

/** Asks about names one after the other; what each gets, and how many questions came through. */
async function ask(answers: readonly DnsAnswer<MxRecord>[]): Promise<readonly [string, number]> {
  let asked = 0;
  const never = (): Promise<never> => Promise.reject(new Error('not asked in this test'));
  const resolver: Resolver = {
    mx: () => Promise.resolve(answers[asked++] ?? good),
    a: never,
    aaaa: never,
    txt: never,
    tlsa: never,
    ptr: never,
    cname: never,
    close: () => undefined,
  };
  const patient = givingUp(resolver, 3);
  const kinds: string[] = [];
  for (const _ of answers) kinds.push((await patient.mx('x.test')).kind);
  return [kinds.join(' '), asked];
}

test('asks no more after so many failures in a row', async () => {
  expect(await ask([timeout, timeout, timeout, good, good])).toEqual([
    'failed failed failed failed failed',
    3,
  ]);
});

test('an answer in between begins anew, and what a server says is an answer', async () => {
  expect((await ask([timeout, timeout, good, timeout, timeout, good]))[1]).toBe(6);
  expect((await ask([servfail, servfail, servfail, servfail]))[1]).toBe(4);
});

test('many at once wait for their turn, and are not asked when it has come to nothing', async () => {
  let asked = 0;
  const mx = (): Promise<DnsAnswer<MxRecord>> => {
    asked += 1;
    return Promise.resolve(timeout);
  };
  const never = (): Promise<never> => Promise.reject(new Error('not asked in this test'));
  const rest = { a: never, aaaa: never, txt: never, tlsa: never, ptr: never, cname: never };
  const patient = givingUp({ mx, ...rest, close: () => undefined }, 3);
  await Promise.all(Array.from({ length: 100 }, (_, n) => patient.mx(`n${n}.test`)));
  expect(asked).toBe(3);
});
