import { createOutbox } from '../../src/outbox/index.ts';
import type { Accepted, BodyPlace, NewMail, OpenOutbox, StoredMessage } from '../../src/outbox/index.ts';
import type { Store } from '../../src/storage/sqlite/index.ts';

const dayMs = 24 * 60 * 60 * 1000;

/** A mail to these addresses, at a sending domain of its own. */
export function newMail(id: string, to: readonly string[], facts: Partial<NewMail> = {}): NewMail {
  const recipients = to.map((address) => ({
    address,
    domain: address.slice(address.lastIndexOf('@') + 1),
    body: 0,
    notice: null,
  }));
  return {
    id,
    via: 'http',
    owner: 'k-1',
    domain: 'shop.example',
    author: 'orders@shop.example',
    subject: 'ご注文の確認',
    stream: 'transactional',
    sandbox: false,
    bodies: [mailBody(id)],
    recipients,
    submitter: null,
    requireTls: false,
    tags: [],
    metadata: {},
    notBeforeMs: 0,
    lifetimeMs: 5 * dayMs,
    idempotency: null,
    ...facts,
  };
}

/** The number makes a well-formed id: `m-…`. */
export function mailIdOf(number: number): string {
  return `m-01jd3q9k2v-${String(number).padStart(10, '0')}`;
}

export function mailBody(id: string, more = ''): NewMail['bodies'][number] {
  const text = [
    'From: orders@shop.example',
    'To: somebody@a.example',
    'Subject: =?utf-8?B?44GU5rOo5paH?=',
    'Date: Thu, 01 Jan 2026 00:00:00 +0000',
    `Message-ID: <${id}@shop.example>`,
    'MIME-Version: 1.0',
    '',
    `body of ${id}${more}`,
    '.a line with a dot',
    '',
  ].join('\r\n');
  return { bytes: Buffer.from(text), eightBit: false, smtpUtf8: false };
}

export type TestOutbox = {
  readonly outbox: OpenOutbox;
  readonly arrived: StoredMessage[];
  /** Of an answer that must be yes. */
  readonly accepted: (mail: NewMail) => Promise<Accepted>;
};

/** An outbox over a store and bodies that are only remembered. */
export function testOutbox(store: Pick<Store, 'outbox'>): TestOutbox {
  const arrived: StoredMessage[] = [];
  let [offset, draws] = [0, 0];
  const place = (body: Buffer): BodyPlace => {
    const octets = body.length;
    offset += octets + 8;
    return { segment: 1, offset: offset - octets - 8, octets };
  };
  const outbox = createOutbox({
    store: store.outbox,
    bodies: { append: (bodies) => Promise.resolve(bodies.map(place)) },
    random: () => ((draws += 1) * 0.618_034) % 1,
    hasRoom: () => true,
    arrived: (messages) => void arrived.push(...messages),
  });
  return {
    outbox,
    arrived,
    async accepted(mail) {
      const answer = await outbox.accept(mail);
      if (answer.kind !== 'accepted') throw new Error(`not accepted: ${answer.kind}`);
      return answer;
    },
  };
}
