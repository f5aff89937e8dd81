import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OriginalMail, RecipientReport, ReturnedMail } from '../bounces/index.ts';
import type { MessageState, ReturnedEvent } from '../events/index.ts';
import { makeReturnPath, makeToken } from '../protocol/return-path/index.ts';
import { createDestinations } from './destination.ts';
import { createIntake } from './intake.ts';
import type { Answer, Arrival } from './intake.ts';
import { createMatching } from './matching.ts';
import type { SentMessage, UnsubscribeRequest } from './ports.ts';

const key = randomBytes(32);
const olderKey = randomBytes(32);
const domain = 'bounce.example.jp';
const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 6, 1);
const pathOf = (message: number, seal = key): string => makeReturnPath({ message, domain, key: seal });
const tokenOf = (id: number, seal = key): string => makeToken({ purpose: 'unsubscribe', id, key: seal });

const failed: RecipientReport = {
  recipient: 'taro@example.org',
  finalRecipient: null,
  action: 'failed',
  replyCode: 550,
  status: '5.1.1',
  verdict: 'userunknown',
  detail: null,
  rule: 'test-rule',
  provider: null,
  confidence: 0.9,
  party: 'sender',
  hardBounce: true,
  feedbackType: null,
  said: '550 5.1.1 unknown',
  remedy: 'remove-address',
  remoteHost: 'mx.example.org',
  reportingHost: null,
};
const noOriginal: OriginalMail = {
  messageId: null,
  returnPath: null,
  from: null,
  to: [],
  subject: null,
  headers: [],
};
const bounce: ReturnedMail = { kind: 'bounce', form: 'dsn', reports: [failed], original: null };

type World = {
  readonly reading?: ReturnedMail;
  readonly messages?: readonly Partial<SentMessage>[];
  readonly isReport?: boolean;
  readonly hasRoom?: boolean;
  readonly isBusy?: boolean;
};

type Result = {
  readonly dispositions: readonly Answer[];
  readonly events: readonly ReturnedEvent[];
  readonly unsubscribes: readonly UnsubscribeRequest[];
  readonly kept: readonly string[];
};

/** Takes mails in, in a world that knows messages by id and by the Message-ID `<id@ours>`. */
function takeIn(world: World, ...arrivals: readonly Partial<Arrival>[]): Result {
  const events: ReturnedEvent[] = [];
  const unsubscribes: UnsubscribeRequest[] = [];
  const kept: string[] = [];
  const known = new Map(
    (world.messages ?? [{ id: 7 }]).map((message) => {
      const full: SentMessage = {
        id: 7,
        address: 'taro@example.org',
        state: 'delivered',
        settledMs: nowMs - dayMs,
        ...message,
      };
      return [full.id, full];
    }),
  );
  const messages = {
    byId: (id: number) => known.get(id) ?? null,
    byMessageIdHeader: (text: string) => known.get(Number(/^<?(\d+)@ours>?$/.exec(text)?.[1])) ?? null,
  };
  const keys = [key, olderKey];
  const destination = createDestinations({ returnPathDomains: [domain], domains: ['example.jp'], keys });
  const intake = createIntake({
    reader: { read: () => world.reading ?? bounce },
    destination,
    match: createMatching({ messages, keys, destination, staleAfterMs: 60 * dayMs }),
    messages,
    store: {
      take(batch) {
        events.push(...batch);
        return { taken: batch.length, duplicates: 0, unmatched: 0 };
      },
    },
    unsubscribes: { unsubscribe: (batch) => void unsubscribes.push(...batch) },
    room: () => {},
    reportBudget: { hasCredit: () => world.isBusy !== true, spend: (work) => work() },
    reports: { take: () => world.isReport ?? false },
    kept: {
      keep: (mail) => {
        if (world.hasRoom === false) return false;
        kept.push(Buffer.from(mail).toString());
        return true;
      },
    },
  });
  const full = arrivals.map((arrival): Arrival => ({
    mail: Buffer.from('Subject: x\r\n\r\ny\r\n'),
    recipients: [pathOf(7)],
    via: 'smtp',
    atMs: nowMs,
    ...arrival,
  }));
  const dispositions = intake.commit(full.map((arrival) => intake.examine(arrival)));
  return { dispositions, events, unsubscribes, kept };
}

describe('what is proved', () => {
  it('is the message of the return path, under the current key or an older one', () => {
    for (const seal of [key, olderKey]) {
      const { events, dispositions } = takeIn({}, { recipients: [pathOf(7, seal)] });
      expect(dispositions).toEqual(['news']);
      expect(events).toMatchObject([
        { kind: 'bounced-later', messageId: 7, matchedBy: 'return-path', trusted: true, hardBounce: true },
      ]);
    }
  });

  it('is the return path in the returned header, when the mail came to a role address', () => {
    const original = { ...noOriginal, returnPath: `<${pathOf(7)}>` };
    const { events } = takeIn({ reading: { ...bounce, original } }, { recipients: ['bounce@example.jp'] });
    expect(events).toMatchObject([{ messageId: 7, matchedBy: 'return-path', trusted: true }]);
  });

  it('is a token of List-Unsubscribe, with the Message-ID or alone', () => {
    const value = `<https://example.jp/u/${tokenOf(7)}>,\r\n <mailto:unsubscribe+${tokenOf(7)}@${domain}>`;
    const headers = [{ name: 'list-unsubscribe', value }];
    const at = { recipients: ['fbl@example.jp'] };
    for (const messageId of ['7@ours', null]) {
      const { events } = takeIn(
        { reading: { ...bounce, original: { ...noOriginal, messageId, headers } } },
        at,
      );
      const matchedBy = messageId === null ? 'headers' : 'message-id';
      expect(events).toMatchObject([{ messageId: 7, matchedBy, trusted: true }]);
    }
  });

  it('is not a Message-ID alone, a token of another key, or one of another message', () => {
    const at = { recipients: ['bounce@example.jp'] };
    const withToken = (token: string): readonly ReturnedEvent[] => {
      const headers = [{ name: 'List-Unsubscribe', value: `<https://example.jp/u/${token}>` }];
      const original = { ...noOriginal, messageId: '<7@ours>', headers };
      return takeIn({ reading: { ...bounce, original }, messages: [{ id: 7 }, { id: 8 }] }, at).events;
    };
    const unproved = { messageId: 7, matchedBy: 'message-id', trusted: false };
    expect(withToken('none')).toMatchObject([unproved]);
    expect(withToken(tokenOf(7, randomBytes(32)))).toMatchObject([unproved]);
    // The token is proof, the Message-ID is somebody's claim.
    expect(withToken(tokenOf(8))).toMatchObject([{ messageId: 8, matchedBy: 'headers', trusted: true }]);
  });

  it.each([
    ['unknown', [], null],
    ['settled too long ago', [{ settledMs: nowMs - 61 * dayMs }], 7],
    ['bounced already', [{ state: 'bounced' as MessageState }], 7],
    ['never sent', [{ state: 'suppressed' as MessageState }], 7],
    ['cancelled', [{ state: 'cancelled' as MessageState }], 7],
  ])('is nothing about a message that is %s', (_, messages, messageId) => {
    expect(takeIn({ messages }, {}).events).toMatchObject([{ messageId, trusted: false }]);
  });

  it('is not a bounce of another message of ours that came to this return path', () => {
    const original = { ...noOriginal, messageId: '8@ours' };
    const messages = [{ id: 7 }, { id: 8 }];
    const { events } = takeIn({ reading: { ...bounce, original }, messages }, {});
    expect(events).toMatchObject([{ messageId: 7, trusted: false }]);
  });

  it('may be news of a message whose last attempt is in doubt', () => {
    const { events } = takeIn({ messages: [{ state: 'waiting', settledMs: null }] }, {});
    expect(events).toMatchObject([{ messageId: 7, trusted: true }]);
  });

  it('a stranger cannot make trusted news, whatever he writes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 80 });
    const strange = fc.record({
      returnPath: fc.option(
        fc.oneof(
          text,
          text.map((seal) => `b-n7-${seal}@${domain}`),
        ),
      ),
      messageId: fc.option(fc.oneof(text, fc.constant('7@ours'))),
      value: fc.oneof(
        text,
        text.map((seal) => `<https://example.jp/u/n7-${seal}>`),
      ),
      recipient: fc.oneof(
        fc.constant('bounce@example.jp'),
        text,
        text.map((seal) => `b-n7-${seal}@${domain}`),
      ),
    });
    fc.assert(
      fc.property(strange, ({ returnPath, messageId, value, recipient }) => {
        const headers = [{ name: 'List-Unsubscribe', value }];
        const original = { ...noOriginal, returnPath, messageId, headers };
        const { events } = takeIn({ reading: { ...bounce, original } }, { recipients: [recipient] });
        expect(events.filter(({ trusted }) => trusted)).toEqual([]);
      }),
    );
  });
});

describe('news of one message', () => {
  it('speaks of the address that we sent to, whatever address the mail names', () => {
    const reports = [{ ...failed, recipient: 'forwarded@elsewhere.jp' }];
    const { events } = takeIn({ reading: { ...bounce, reports } }, {});
    expect(events).toMatchObject([{ recipient: 'taro@example.org' }]);
  });

  it('takes the report of that address, else the gravest', () => {
    const delivered: RecipientReport = { ...failed, recipient: 'other@example.org', action: 'delivered' };
    const own = { ...failed, recipient: 'Taro@Example.org', action: 'delayed' as const };
    expect(takeIn({ reading: { ...bounce, reports: [failed, own].slice(1) } }, {}).events).toMatchObject([
      { kind: 'delay-notice', hardBounce: false },
    ]);
    const other = { ...failed, recipient: 'x@example.org' };
    expect(takeIn({ reading: { ...bounce, reports: [delivered, other] } }, {}).events).toMatchObject([
      { kind: 'bounced-later' },
    ]);
  });

  it('is one event for each message when one mail came to two return paths', () => {
    const { events } = takeIn({ messages: [{ id: 7 }, { id: 8 }] }, { recipients: [pathOf(7), pathOf(8)] });
    expect(events.map(({ messageId }) => messageId)).toEqual([7, 8]);
    expect(new Set(events.map(({ digest }) => digest)).size).toBe(2);
  });

  it('has the same digest with CRLF and with LF, and another one for another mail', () => {
    const texts = ['a\r\nb\r\n', 'a\nb\n', 'a\nb\nc\n'];
    const digests = texts.map((text) => takeIn({}, { mail: Buffer.from(text) }).events[0]?.digest);
    expect(digests[0]).toBe(digests[1]);
    expect(digests[0]).not.toBe(digests[2]);
  });

  it.each([
    ['auto-reply', 'replied', 'auto-replied'],
    ['complaint', 'complained', 'complained'],
    ['delay', 'delayed', 'delay-notice'],
    ['notice', 'relayed', 'delivery-notice'],
  ] as const)('calls a %s by its name', (kind, action, name) => {
    const reading: ReturnedMail = { ...bounce, kind, reports: [{ ...failed, action }] };
    expect(takeIn({ reading }, {}).events).toMatchObject([{ kind: name, trusted: true, hardBounce: false }]);
  });

  it('puts an ordinary answer on record', () => {
    const reading: ReturnedMail = { kind: 'none', form: null, reports: [], original: null };
    const { events, kept } = takeIn({ reading }, {});
    expect(events).toMatchObject([{ kind: 'answered', messageId: 7, hardBounce: false }]);
    expect(kept).toEqual([]);
  });
});

describe('role addresses', () => {
  const none: ReturnedMail = {
    kind: 'none',
    form: null,
    reports: [],
    original: { ...noOriginal, messageId: '7@ours' },
  };

  it('keeps what is for people', () => {
    for (const role of ['postmaster', 'abuse', 'bounce', 'fbl', 'unsubscribe']) {
      const { kept, events, dispositions } = takeIn(
        { reading: none },
        { recipients: [`${role}@example.jp`] },
      );
      expect([kept.length, events, dispositions]).toEqual([1, [], ['kept']]);
    }
    const full = takeIn({ reading: none, hasRoom: false }, { recipients: ['abuse@example.jp'] });
    expect(full.dispositions).toEqual(['no-room']);
  });

  it('reads every recipient that an unmatched bounce names', () => {
    const reports = [failed, { ...failed, recipient: 'hanako@example.org' }];
    const { events, kept } = takeIn({ reading: { ...bounce, reports } }, { recipients: ['fbl@example.jp'] });
    expect(events).toMatchObject([
      { messageId: null, matchedBy: null, trusted: false, recipient: 'taro@example.org' },
      { messageId: null, matchedBy: null, trusted: false, recipient: 'hanako@example.org' },
    ]);
    expect(new Set(events.map(({ digest }) => digest)).size).toBe(2);
    expect(kept).toEqual([]);
  });

  it('leaves to people what comes to postmaster and abuse, unless it is about a mail of ours', () => {
    const about = { ...bounce, original: { ...noOriginal, messageId: '7@ours' } };
    for (const role of ['postmaster', 'abuse']) {
      const at = { recipients: [`${role}@example.jp`] };
      expect(takeIn({}, at)).toMatchObject({
        dispositions: ['kept'],
        events: [{ messageId: null }],
        kept: [{}],
      });
      expect(takeIn({ hasRoom: false }, at).dispositions).toEqual(['no-room']);
      expect(takeIn({ reading: about }, at)).toMatchObject({
        dispositions: ['news'],
        events: [{}],
        kept: [],
      });
    }
    const both = takeIn({ isReport: true }, { recipients: ['dmarc@example.jp', 'postmaster@example.jp'] });
    expect(both).toMatchObject({ dispositions: ['kept'], kept: [{}] });
  });

  it('hands reports on, and keeps what is none', () => {
    for (const role of ['dmarc', 'tlsrpt']) {
      const at = { recipients: [`${role}@example.jp`] };
      expect(takeIn({ isReport: true }, at)).toMatchObject({
        dispositions: ['report'],
        events: [],
        kept: [],
      });
      expect(takeIn({ isReport: false }, at)).toMatchObject({ dispositions: ['kept'], events: [] });
    }
  });

  it('puts off what may be a report when reports have had their time, and nothing else', () => {
    const busy = { isReport: true, isBusy: true };
    expect(takeIn(busy, { recipients: ['dmarc@example.jp'] }).dispositions).toEqual(['busy']);
    expect(takeIn(busy, {}).dispositions).toEqual(['news']);
    expect(takeIn(busy, { recipients: ['fbl@example.jp'] }).dispositions).toEqual(['news']);
    const letter = { ...busy, reading: none };
    expect(takeIn(letter, { recipients: null, via: 'maildir' }).dispositions).toEqual(['report']);
  });

  it('unsubscribes whom a token proves, and nobody else', () => {
    const at = { recipients: [`unsubscribe+${tokenOf(7)}@${domain}`] };
    const { unsubscribes, dispositions, events } = takeIn({ reading: none }, at);
    expect(unsubscribes).toEqual([{ messageId: 7, address: 'taro@example.org', atMs: nowMs, via: 'smtp' }]);
    expect([dispositions, events]).toEqual([['unsubscribe'], []]);
    const forged = { recipients: [`unsubscribe+${tokenOf(7, randomBytes(32))}@${domain}`] };
    expect(takeIn({ reading: none }, forged)).toMatchObject({ unsubscribes: [], dispositions: ['ignored'] });
    expect(takeIn({ messages: [] }, at)).toMatchObject({ unsubscribes: [] });
  });
});

describe('mail without its envelope', () => {
  const from = (header: string): Partial<Arrival> => ({
    mail: Buffer.from(`${header}\r\nSubject: Undelivered\r\n\r\nx\r\n`),
    recipients: null,
    via: 'maildir',
  });

  it.each([
    `Delivered-To: ${pathOf(7)}`,
    `Received: from a by b for <${pathOf(7)}>; Mon, 1 Jan 2026 00:00:00 +0000`,
    `To: "Our mail" <${pathOf(7)}>`,
    `X-Original-To:\r\n ${pathOf(7).toUpperCase()}`,
  ])('finds the return path in %s', (header) => {
    expect(takeIn({}, from(header)).events).toMatchObject([{ messageId: 7, trusted: true, via: 'maildir' }]);
  });

  it('does not trust a forged one, and leaves what is for people where it is', () => {
    expect(takeIn({}, from(`Delivered-To: ${pathOf(7, randomBytes(32))}`)).events).toMatchObject([
      { messageId: null, trusted: false },
    ]);
    const none: ReturnedMail = { kind: 'none', form: null, reports: [], original: null };
    const letter = takeIn({ reading: none }, from('To: postmaster@example.jp'));
    expect(letter).toMatchObject({ dispositions: ['ignored'], kept: [], events: [] });
    expect(takeIn({ reading: none, isReport: true }, from('To: x@y.jp')).dispositions).toEqual(['report']);
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (mail) => {
        expect(takeIn({}, { mail, recipients: null }).dispositions).toHaveLength(1);
      }),
    );
  });
});
