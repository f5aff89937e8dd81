import { expect, test } from 'vitest';
import { nowhere, outcomeOf } from './outcome.ts';

const reply = (code: number) => ({ code, status: null, lines: ['text'] });
const lost = { origin: 'local', stage: 'eom', cause: 'connection-lost', text: 'closed' } as const;

const table: [Parameters<typeof outcomeOf>[0], object][] = [
  [
    { kind: 'accepted', reply: reply(250) },
    { kind: 'delivered', scope: 'recipient', origin: 'remote', stage: 'eom' },
  ],
  [
    { kind: 'rejected', stage: 'rcpt', reply: reply(550) },
    { kind: 'refused', scope: 'recipient', stage: 'rcpt' },
  ],
  [
    { kind: 'rejected', stage: 'rcpt', reply: reply(450) },
    { kind: 'deferred', scope: 'recipient' },
  ],
  [
    { kind: 'rejected', stage: 'mail', reply: reply(421) },
    { kind: 'deferred', scope: 'session' },
  ],
  [
    { kind: 'rejected', stage: 'eom', reply: reply(554) },
    { kind: 'refused', scope: 'message', stage: 'eom' },
  ],
  [
    { kind: 'unsendable', cause: 'size-exceeded', text: 'x' },
    { kind: 'refused', origin: 'local', cause: 'size-exceeded' },
  ],
  [
    { kind: 'broken', failure: lost, mayHaveArrived: true },
    { kind: 'unknown', origin: 'local', cause: 'connection-lost' },
  ],
  [
    { kind: 'broken', failure: { ...lost, stage: 'rcpt' }, mayHaveArrived: false },
    { kind: 'deferred', scope: 'host' },
  ],
  [
    { kind: 'broken', failure: { origin: 'remote', stage: 'eom', reply: reply(421) }, mayHaveArrived: true },
    { kind: 'unknown', origin: 'remote' },
  ],
];

test.each(table)('%j', (result, expected) => {
  expect(outcomeOf(result, nowhere, 3)).toMatchObject(expected);
});
