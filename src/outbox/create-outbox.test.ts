import { expect, test } from 'vitest';
import { mailBody, mailIdOf, newMail } from '../../test/contract/mail-samples.ts';
import { StorageFull } from '../base/index.ts';
import { createOutbox } from './create-outbox.ts';
import type { OutboxParts, OpenOutbox } from './index.ts';
import type { StorableMail } from './outbox-ports.ts';
import type { Accepted, NewMail } from './outbox.ts';

const full = new StorageFull('full', { code: 'storage-full', message: { ja: '満杯', en: 'full' } });
const broken = new StorageFull('io', { code: 'storage-io', message: { ja: '故障', en: 'broken' } });

type Fake = {
  readonly outbox: OpenOutbox;
  /** Requests of each transaction. */
  readonly batches: number[];
  readonly appends: number[];
  readonly stored: string[];
  /** Lets the append that is under way end. */
  readonly sync: () => void;
};

function acceptedOf({ mail: { id } }: StorableMail): Accepted {
  return { kind: 'accepted', id, messages: [], repeated: false };
}

type Faults = { append?: Error; store?: (ids: readonly string[]) => Error | null; hasRoom?: boolean };

/** An outbox whose disk waits to be told that it is done, unless it is `eager`. */
function fake(faults: Faults = {}, eager = true): Fake {
  const [batches, appends, stored]: [number[], number[], string[]] = [[], [], []];
  const waiting: (() => void)[] = [];
  const parts: OutboxParts = {
    random: () => 0,
    hasRoom: () => faults.hasRoom ?? true,
    arrived: () => undefined,
    bodies: {
      async append(bodies) {
        if (faults.append !== undefined) throw faults.append;
        appends.push(bodies.length);
        if (!eager) await new Promise<void>((resolve) => void waiting.push(resolve));
        return bodies.map(({ length }) => ({ segment: 1, offset: 0, octets: length }));
      },
    },
    store: {
      earlier: (mails) => mails.map(() => null),
      store(requests) {
        const ids = requests.flat().map(({ mail }) => mail.id);
        const fault = faults.store?.(ids) ?? null;
        if (fault !== null) throw fault;
        batches.push(requests.length);
        stored.push(...ids);
        return requests.map((request) => ({
          kind: 'stored' as const,
          accepted: request.map(acceptedOf),
          waiting: [],
        }));
      },
    },
  };
  return { outbox: createOutbox(parts), batches, appends, stored, sync: () => waiting.shift()?.() };
}

const mails = (count: number, facts: Partial<NewMail> = {}): readonly NewMail[] =>
  Array.from({ length: count }, (_, at) => newMail(mailIdOf(at), ['a@a.example'], facts));

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('what comes while a batch is written is the next batch', async () => {
  const { outbox, batches, stored, sync } = fake({}, false);
  const answers = mails(1).map((mail) => outbox.accept(mail));
  await turn();
  answers.push(...mails(9).map((mail) => outbox.accept(mail)));
  await turn();
  expect(batches).toEqual([]);
  sync();
  await turn();
  sync();
  await Promise.all(answers);
  expect([batches, stored.length]).toEqual([[1, 9], 10]);
});

test('no answer comes before its bodies and its row are on the disk', async () => {
  const { outbox, batches, sync } = fake({}, false);
  let answered = 0;
  const [mail = newMail('', [])] = mails(1);
  const answer = outbox.accept(mail).then(() => (answered = batches.length));
  await turn();
  expect([answered, batches]).toEqual([0, []]);
  sync();
  await answer;
  expect(answered).toBe(1);
});

test('a batch is bounded in requests and in octets', async () => {
  const { outbox, batches } = fake();
  await Promise.all(mails(600).map((mail) => outbox.accept(mail)));
  const large = { bodies: [mailBody('', 'x'.repeat(7 * 1024 * 1024))] };
  await Promise.all(mails(5, large).map((mail) => outbox.accept(mail)));
  expect(batches).toEqual([256, 256, 88, 2, 2, 1]);
});

test('a full disk is an answer, and a failing one is an error', async () => {
  const [mail = newMail('', [])] = mails(1);
  expect(await fake({ append: full }).outbox.accept(mail)).toEqual({ kind: 'disk-full' });
  expect(await fake({ store: () => full }).outbox.accept(mail)).toEqual({ kind: 'disk-full' });
  await expect(fake({ append: broken }).outbox.accept(mail)).rejects.toThrow('broken');
});

test('below the watermark nothing is written', async () => {
  const { outbox, appends } = fake({ hasRoom: false });
  const answers = await Promise.all(mails(3).map((mail) => outbox.accept(mail)));
  expect([answers, appends]).toEqual([Array.from({ length: 3 }, () => ({ kind: 'disk-full' })), []]);
});

test('a request that hits a bug is refused alone', async () => {
  const culprit = mailIdOf(3);
  const { outbox, stored } = fake({ store: (ids) => (ids.includes(culprit) ? new Error('bug') : null) });
  const answers = await Promise.allSettled(mails(6).map((mail) => outbox.accept(mail)));
  expect(answers.map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(stored).not.toContain(culprit);
});

test('stopping answers what was under way and takes nothing more', async () => {
  const { outbox, sync, stored } = fake({}, false);
  const [first = newMail('', []), second = first] = mails(2);
  const answer = outbox.accept(first);
  await turn();
  const stopped = outbox.stop();
  expect(await outbox.accept(second)).toEqual({ kind: 'stopping' });
  sync();
  await stopped;
  expect([(await answer).kind, stored.length]).toEqual(['accepted', 1]);
});
