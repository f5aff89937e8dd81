import { expect, onTestFinished, test } from 'vitest';
import { deferred, final, startMs } from '../../../test/contract/samples.ts';
import { mailBody, mailIdOf, newMail, testOutbox } from '../../../test/contract/mail-samples.ts';
import type { TestOutbox } from '../../../test/contract/mail-samples.ts';
import { openCampaign } from '../../../test/support/memory-store.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import type { NewMail } from '../../outbox/index.ts';
import { openStore } from './index.ts';
import type { Store } from './index.ts';

const dayMs = 24 * 60 * 60 * 1000;

type World = TestOutbox & { readonly store: Store; readonly clock: FakeClock };

function world(): World {
  const clock = new FakeClock(startMs);
  const store = openStore({ folder: temporaryFolder(), clock, create: true });
  onTestFinished(() => store.close());
  return { ...testOutbox(store), store, clock };
}

const to = ['a@a.example', 'b@b.example', 'c@a.example'];

test('a mail is one message a recipient, in the ledger, in the queue and by its ids', async () => {
  const { accepted, arrived, store } = world();
  const id = mailIdOf(1);
  const answer = await accepted(newMail(id, to, { tags: ['receipt'], metadata: { order: '4711' } }));
  expect(answer).toEqual({
    kind: 'accepted',
    id,
    messages: to.map((address, at) => ({ id: `${id}.${at + 1}`, address, state: 'waiting' })),
    repeated: false,
  });
  expect(arrived.map(({ domain, stream, notBeforeMs }) => [domain, stream, notBeforeMs])).toEqual([
    ['a.example', 'transactional', 0],
    ['b.example', 'transactional', 0],
    ['a.example', 'transactional', 0],
  ]);
  expect(store.reports.ledger()).toMatchObject({ ok: true, total: { accepted: 3, waiting: 3 } });
  expect(store.delivery.waitingCount()).toBe(3);
  const queued = store.delivery.queuedPage(0, 10);
  expect(queued.map(({ expiresMs, attempts }) => [expiresMs, attempts])).toEqual(
    to.map(() => [startMs + 5 * dayMs, 0]),
  );
  const rows = store.delivery.messageRows(queued.map((message) => message.id));
  expect(rows.map(({ address, mail }) => [address, mail?.domain, mail?.place.octets])).toEqual(
    to.map((address) => [address, 'shop.example', mailBody(id).bytes.length]),
  );
  expect(store.mails.find(`${id}.2`)).toMatchObject([
    { id: `${id}.2`, mail: id, address: 'b@b.example', tags: ['receipt'], metadata: { order: '4711' } },
  ]);
  expect(store.mails.find(id)).toHaveLength(3);
  expect([`${id}.4`, `${id}.0`, mailIdOf(2), 'x'].map((each) => store.mails.find(each).length)).toEqual([
    0, 0, 0, 0,
  ]);
});

test('the mails of a day and a domain share a row of the ledger; the next day has its own', async () => {
  const { accepted, store, clock } = world();
  await accepted(newMail(mailIdOf(1), to));
  await accepted(newMail(mailIdOf(2), to, { domain: 'other.example' }));
  await accepted(newMail(mailIdOf(3), to, { stream: 'bulk' }));
  await accepted(newMail(mailIdOf(4), to));
  await clock.advance(dayMs);
  await accepted(newMail(mailIdOf(5), to));
  const { ok, campaigns } = store.reports.ledger();
  expect([ok, campaigns.map((row) => row.accepted)]).toEqual([true, [6, 3, 3, 3]]);
});

test('mails of several domains in one batch are counted each for their own', async () => {
  const { outbox, store } = world();
  const mails = Array.from({ length: 40 }, (_, at) =>
    newMail(mailIdOf(at), to, { domain: at % 3 === 0 ? 'shop.example' : 'other.example' }),
  );
  const answers = await Promise.all(mails.map((mail) => outbox.accept(mail)));
  expect(answers.filter(({ kind }) => kind !== 'accepted')).toEqual([]);
  const { ok, faults, campaigns } = store.reports.ledger();
  expect([ok, faults, campaigns.map((row) => row.accepted)]).toEqual([true, [], [42, 78]]);
});

test("a day's row that was called finished is open again; a cancelled one is followed by another", async () => {
  const { accepted, store, clock } = world();
  await clock.advance(dayMs - 1_000);
  await accepted(newMail(mailIdOf(1), ['a@a.example']));
  const [message] = store.delivery.queuedPage(0, 1);
  store.delivery.commit([final(message?.id ?? 0, 'delivered')], [], []);
  expect(store.campaigns.finishDone()).toEqual([]);
  await clock.advance(2_000);
  expect(store.campaigns.finishDone()).toHaveLength(1);
  await accepted(newMail(mailIdOf(2), ['a@a.example']));
  const [open] = store.campaigns.withState('open');
  expect(store.campaigns.cancel(open?.id ?? 0, clock.now())).toEqual({ cancelled: 1 });
  await accepted(newMail(mailIdOf(3), ['a@a.example']));
  expect(store.reports.ledger()).toMatchObject({
    ok: true,
    total: { accepted: 3, delivered: 1, cancelled: 1, waiting: 1 },
  });
});

test('suppressed addresses and domains get nothing, and lists of campaigns do not matter', async () => {
  const { accepted, store } = world();
  const facts = { reason: 'manual', source: 'test', atMs: startMs, note: '' } as const;
  store.suppressions.add([
    { ...facts, address: 'a@a.example' },
    { ...facts, address: 'b.example', scope: 'domain' },
    { ...facts, address: 'c@a.example', scope: 'list', list: 'news' },
  ]);
  const { messages } = await accepted(newMail(mailIdOf(1), to));
  expect(messages.map(({ state }) => state)).toEqual(['suppressed', 'suppressed', 'waiting']);
  expect(store.reports.ledger()).toMatchObject({
    ok: true,
    total: { accepted: 3, suppressed: 2, waiting: 1 },
  });
});

test('in test mode everything is settled at once, captured', async () => {
  const { accepted, store, arrived } = world();
  const { messages } = await accepted(newMail(mailIdOf(1), to, { sandbox: true }));
  expect(messages.map(({ state }) => state)).toEqual(['captured', 'captured', 'captured']);
  expect(arrived).toEqual([]);
  expect(store.delivery.queuedPage(0, 9)).toEqual([]);
  expect(store.reports.ledger()).toMatchObject({ ok: true, total: { accepted: 3, delivered: 3 } });
  const [message] = store.mails.find(mailIdOf(1));
  expect(store.why.eventsOf(message?.messageId ?? 0)).toMatchObject([{ kind: 'captured', outcome: null }]);
});

test('what is scheduled waits with its reason, also for a new process', async () => {
  const { accepted, store, arrived } = world();
  const notBeforeMs = startMs + 10 * dayMs;
  await accepted(newMail(mailIdOf(1), ['a@a.example'], { notBeforeMs, lifetimeMs: dayMs }));
  expect(arrived).toMatchObject([{ notBeforeMs, expiresMs: notBeforeMs + dayMs }]);
  expect(store.delivery.queuedPage(0, 9)).toMatchObject([{ notBeforeMs, attempts: 0 }]);
  expect(store.mails.find(mailIdOf(1))).toMatchObject([
    { state: 'waiting', waiting: { because: 'scheduled', untilMs: notBeforeMs } },
  ]);
  expect(store.reports.ledger().ok).toBe(true);
});

const idempotency = { key: 'order-4711', fingerprint: 'f1' };

test('a repeated key gives the first answer, and another content a conflict', async () => {
  const { outbox, accepted, store, clock, arrived } = world();
  const first = await accepted(newMail(mailIdOf(1), to, { idempotency }));
  const [message] = store.delivery.queuedPage(0, 1);
  store.delivery.commit([final(message?.id ?? 0, 'bounced')], [], []);
  await clock.advance(dayMs - 1);
  const again = newMail(mailIdOf(2), to, { idempotency });
  expect(await accepted(again)).toEqual({ ...first, repeated: true });
  const other = { key: 'order-4711', fingerprint: 'f2' };
  expect(await outbox.accept(newMail(mailIdOf(3), to, { idempotency: other }))).toEqual({
    kind: 'idempotency-conflict',
  });
  expect(arrived).toHaveLength(3);
  expect(store.reports.ledger().total.accepted).toBe(3);
  // Somebody else may use the same words, and so may anybody a day later.
  expect((await accepted(newMail(mailIdOf(4), to, { idempotency, owner: 'k-2' }))).repeated).toBe(false);
  await clock.advance(1);
  expect((await accepted(newMail(mailIdOf(5), to, { idempotency: other }))).repeated).toBe(false);
});

test('the same key at the same moment is stored once', async () => {
  const { outbox, store } = world();
  const mails = Array.from({ length: 20 }, (_, at) => newMail(mailIdOf(at), to, { idempotency }));
  const answers = await Promise.all(mails.map((mail) => outbox.accept(mail)));
  const ids = answers.map((answer) => (answer.kind === 'accepted' ? answer.id : answer.kind));
  expect(new Set(ids)).toEqual(new Set([mailIdOf(0)]));
  expect(answers.filter((answer) => answer.kind === 'accepted' && !answer.repeated)).toHaveLength(1);
  expect(store.reports.ledger().total.accepted).toBe(3);
});

test('several mails under one key are repeated together', async () => {
  const { outbox, store } = world();
  const batch = (from: number): readonly NewMail[] =>
    [0, 1, 2].map((at) => newMail(mailIdOf(from + at), ['a@a.example'], { idempotency }));
  const first = await outbox.acceptAll(batch(0));
  const again = await outbox.acceptAll(batch(10));
  if ('kind' in first) throw new Error(first.kind);
  expect(again).toEqual(first.map((accepted) => ({ ...accepted, repeated: true })));
  expect(store.reports.ledger().total.accepted).toBe(3);
});

test('cancelling takes what waits, and what left anyway is recorded as delivered', async () => {
  const { accepted, store } = world();
  await accepted(newMail(mailIdOf(1), to));
  const ids = store.delivery.queuedPage(0, 9).map(({ id }) => id);
  const [first = 0, second = 0, third = 0] = ids;
  store.delivery.commit([final(first, 'delivered'), deferred(second, 1)], [], []);
  expect(store.mails.cancel(`${mailIdOf(1)}.1`)).toBe(0);
  expect(store.mails.cancel(mailIdOf(1))).toBe(2);
  expect(store.mails.cancel(mailIdOf(1))).toBe(0);
  expect(store.delivery.waitingCount()).toBe(0);
  // It was in the receiver's hands when it was cancelled.
  expect(store.delivery.commit([final(third, 'delivered'), final(second, 'bounced')], [], [])).toEqual({
    dropped: 1,
  });
  expect(store.delivery.waitingCount()).toBe(0);
  expect(store.mails.find(mailIdOf(1)).map(({ state }) => state)).toEqual([
    'delivered',
    'cancelled',
    'delivered',
  ]);
  expect(store.reports.ledger()).toMatchObject({ ok: true, total: { delivered: 2, cancelled: 1 } });
});

test('who handed it over by SMTP is kept with what they want to hear', async () => {
  const { accepted, store, clock } = world();
  const [plain, asked] = newMail('', ['a@a.example', 'b@b.example']).recipients;
  if (plain === undefined || asked === undefined) throw new Error('no recipients');
  const recipients = [
    plain,
    { ...asked, notice: { notify: ['success' as const], originalRecipient: 'rfc822;B@b.example' } },
  ];
  const submitter = { address: 'app@shop.example', envelopeId: 'QQ1', returns: 'headers' as const };
  await accepted(newMail(mailIdOf(1), [], { recipients, submitter, via: 'smtp' }));
  expect(clock.now()).toBe(startMs);
  expect(store.mails.find(mailIdOf(1)).map(({ via }) => via)).toEqual(['smtp', 'smtp']);
});

test('pages are newest first, filtered, and go on where they ended', async () => {
  const { accepted, store } = world();
  openCampaign(store, [{ address: 'x@a.example', domain: 'a.example', variables: {} }]);
  for (let at = 0; at < 7; at += 1) {
    const facts = { domain: at % 2 === 0 ? 'shop.example' : 'other.example', tags: [`t${at % 3}`] };
    await accepted(newMail(mailIdOf(at), to, facts));
  }
  const idsOf = (filter: Parameters<Store['mails']['list']>[0], limit: number): readonly string[] => {
    const ids: string[] = [];
    for (let cursor: string | null = null; ;) {
      const page = store.mails.list(filter, { limit, cursor });
      expect(page.messages.length).toBeLessThanOrEqual(limit);
      ids.push(...page.messages.map(({ id }) => id));
      if (page.next === null) return ids;
      cursor = page.next;
    }
  };
  const all = [6, 5, 4, 3, 2, 1, 0].flatMap((at) => [3, 2, 1].map((part) => `${mailIdOf(at)}.${part}`));
  for (const limit of [1, 2, 3, 4, 100]) expect(idsOf({ domains: null }, limit)).toEqual(all);
  const few = { domains: ['other.example'], address: 'B@b.example', tag: 't0' };
  for (const limit of [1, 5]) expect(idsOf(few, limit)).toEqual([`${mailIdOf(3)}.2`]);
  expect(idsOf({ domains: [] }, 5)).toEqual([]);
  expect(idsOf({ domains: null, state: 'delivered' }, 5)).toEqual([]);
  expect(idsOf({ domains: null, sinceMs: startMs + 1 }, 5)).toEqual([]);
  expect(() => store.mails.list({ domains: null }, { limit: 5, cursor: 'nonsense' })).toThrow(/cursor/);
});
