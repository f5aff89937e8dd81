import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mailIdOf, newMail } from '../../test/contract/mail-samples.ts';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { createBounceReader } from '../bounces/index.ts';
import type { MessageEvent, Outcome } from '../events/index.ts';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createOutbox, noticeOwner } from '../outbox/index.ts';
import type { Accepted, AcceptFailure, NewMail, NewMailRecipient, OpenOutbox } from '../outbox/index.ts';
import { openStore } from '../storage/sqlite/index.ts';
import type { Store } from '../storage/sqlite/index.ts';
import { tellSubmitters } from './index.ts';
import type { NoticeParts } from './index.ts';

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));
const hour = 3_600_000;

let clock: FakeClock;
let store: Store;
let outbox: OpenOutbox;
let told: NewMail[];
let answer: AcceptFailure | null;
beforeEach(() => {
  clock = new FakeClock();
  told = [];
  answer = null;
  store = openStore({ folder: temporaryFolder(), clock, create: true });
  outbox = createOutbox({
    store: store.outbox,
    bodies: {
      append: async (bodies) => bodies.map(({ length }, at) => ({ segment: 1, offset: at, octets: length })),
    },
    random: Math.random,
    hasRoom: () => true,
    arrived: () => {},
  });
});
afterEach(() => store.close());

const original = Buffer.from(
  'From: orders@shop.example\r\nTo: a@a.example\r\nSubject: hello\r\nMessage-ID: <m-1@shop.example>\r\n\r\ntext\r\n',
);

async function round(): Promise<number> {
  const parts: NoticeParts = {
    store: store.notices,
    outbox: {
      async accept(mail): Promise<Accepted | AcceptFailure> {
        if (answer !== null) return answer;
        told.push(mail);
        return await outbox.accept(mail);
      },
    },
    clock,
    random: Math.random,
    hostname: 'mail.shop.example',
    delayMs: 4 * hour,
    lifetimeMs: 48 * hour,
    readBody: () => original,
    explain: ({ recipient }) => ({ ja: `${recipient} の説明`, en: `about ${recipient}` }),
    onTrouble: () => {},
  };
  return await tellSubmitters(parts);
}

let mails = 0;
type Asked = {
  readonly notify?: NonNullable<NewMailRecipient['notice']>['notify'];
  readonly facts?: Partial<NewMail>;
};

async function submit({ notify, facts }: Asked = {}): Promise<number> {
  mails += 1;
  const mail = newMail(mailIdOf(mails), ['a@a.example'], {
    via: 'smtp',
    submitter: { address: 'app@shop.example', envelopeId: 'E1', returns: 'full' },
    ...facts,
  });
  const notice = notify === undefined ? null : { notify, originalRecipient: 'rfc822;A@a.example' };
  const recipients = mail.recipients.map((recipient) => ({ ...recipient, notice }));
  const accepted = await outbox.accept({ ...mail, recipients });
  if (accepted.kind !== 'accepted') throw new Error(accepted.kind);
  return store.mails.find(accepted.id)[0]?.messageId ?? 0;
}

function outcomeOf(
  kind: 'delivered' | 'refused' | 'deferred',
  code: number,
  status: string,
  text: string,
): Outcome {
  return {
    kind,
    scope: 'recipient',
    stage: 'rcpt',
    host: 'mx.a.example',
    address: '192.0.2.1',
    source: null,
    tls: null,
    durationMs: 1,
    origin: 'remote',
    reply: { code, status, lines: [text] },
  };
}

function settle(
  messageId: number,
  state: 'delivered' | 'bounced' | 'expired',
  outcome: Outcome | null,
): void {
  const reading = { verdict: null, detail: null, rule: null, confidence: 1 };
  const event: MessageEvent = {
    messageId,
    atMs: clock.now(),
    kind: state === 'expired' ? 'expired' : 'attempted',
    outcome,
    reading,
  };
  store.delivery.commit([{ event, next: { state } }], [], []);
}
const refused = outcomeOf('refused', 550, '5.1.1', '<a@a.example>: User unknown');

describe('failures', () => {
  it('are told once, in a notice that nothing is told of', async () => {
    const id = await submit({ notify: ['failure'] });
    settle(id, 'bounced', refused);
    expect(await round()).toBe(1);
    expect(await round()).toBe(0);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      owner: noticeOwner,
      submitter: null,
      domain: 'shop.example',
      recipients: [{ address: 'app@shop.example', notice: null }],
    });
    expect(told[0]?.metadata['about']).toMatch(/^m-.*\.1$/);
    const bytes = told[0]?.bodies[0]?.bytes ?? Buffer.alloc(0);
    expect(bytes.includes(original)).toBe(true);
    expect(bytes.toString()).toContain('Original-Envelope-Id: E1\r\n');
    const read = reader.read(bytes);
    expect(read.kind).toBe('bounce');
    expect(read.reports[0]).toMatchObject({
      action: 'failed',
      status: '5.1.1',
      verdict: 'userunknown',
      replyCode: 550,
    });
    // The notice itself bounces: the end.
    const notice = store.mails.list(
      { domains: null, address: 'app@shop.example' },
      { limit: 10, cursor: null },
    );
    const [record] = notice.messages;
    if (record === undefined) throw new Error('no notice');
    expect(store.delivery.messageRows([record.messageId])[0]?.mail?.nullSender).toBe(true);
    settle(record.messageId, 'bounced', refused);
    expect(await round()).toBe(0);
  });

  it('are told where nothing was asked, and also of what expired or was suppressed at once', async () => {
    settle(await submit(), 'expired', null);
    store.suppressions.add([
      { address: 'a@a.example', reason: 'manual', source: 'test', atMs: clock.now(), note: '' },
    ]);
    await submit();
    expect(await round()).toBe(2);
    const reads = told.map(({ bodies }) => reader.read(bodies[0]?.bytes ?? Buffer.alloc(0)).reports[0]);
    expect(reads.map((read) => [read?.action, read?.status])).toEqual([
      ['failed', '4.4.7'],
      ['failed', '5.7.1'],
    ]);
  });

  it.each([
    ['never', { notify: 'never' as const }],
    ['only delays', { notify: ['delay' as const] }],
    ['by the null reverse-path', { facts: { submitter: null } }],
  ])('are not told to who wants to hear %s', async (_name, asked) => {
    settle(await submit(asked), 'bounced', refused);
    expect(await round()).toBe(0);
  });

  it('stay to be told while there is no room, and over a restart', async () => {
    settle(await submit(), 'bounced', refused);
    answer = { kind: 'disk-full' };
    expect(await round()).toBe(0);
    const { folder } = store;
    store.close();
    store = openStore({ folder, clock });
    answer = null;
    outbox = createOutbox({
      store: store.outbox,
      bodies: {
        append: async (bodies) =>
          bodies.map(({ length }, at) => ({ segment: 1, offset: at, octets: length })),
      },
      random: Math.random,
      hasRoom: () => true,
      arrived: () => {},
    });
    expect(await round()).toBe(1);
  });
});

describe('delays', () => {
  it('are told once, after the time, of what still waits', async () => {
    await submit();
    const delivered = await submit();
    await submit({ notify: ['failure'] });
    settle(delivered, 'delivered', outcomeOf('delivered', 250, '2.0.0', 'Ok'));
    await clock.advance(4 * hour - 1);
    expect(await round()).toBe(0);
    await clock.advance(1);
    expect(await round()).toBe(1);
    const read = reader.read(told[0]?.bodies[0]?.bytes ?? Buffer.alloc(0));
    expect(read).toMatchObject({ kind: 'delay', reports: [{ action: 'delayed', status: '4.4.1' }] });
    expect(told[0]?.bodies[0]?.bytes.toString()).toContain('Will-Retry-Until: ');
    await clock.advance(100 * hour);
    expect(await round()).toBe(0);
  });

  it('are not told of what ended before the notice could go', async () => {
    const id = await submit();
    await clock.advance(5 * hour);
    answer = { kind: 'disk-full' };
    await round();
    settle(id, 'delivered', outcomeOf('delivered', 250, '2.0.0', 'Ok'));
    answer = null;
    expect(await round()).toBe(0);
  });
});

it('tells of deliveries to who asked, as what was handed over', async () => {
  const delivered = outcomeOf('delivered', 250, '2.0.0', 'Ok');
  settle(await submit(), 'delivered', delivered);
  settle(await submit({ notify: ['success'] }), 'delivered', delivered);
  settle(await submit({ notify: ['success', 'failure'] }), 'bounced', refused);
  expect(await round()).toBe(2);
  expect(await round()).toBe(0);
  const kinds = told.map(({ bodies }) => reader.read(bodies[0]?.bytes ?? Buffer.alloc(0)).kind);
  expect(kinds).toEqual(['notice', 'bounce']);
});
