import { describe, expect, it } from 'vitest';
import { simpleParser } from 'mailparser';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { composeDsn } from '../protocol/dsn/index.ts';
import type { DsnFacts, DsnRecipient } from '../protocol/dsn/index.ts';
import { createBounceReader } from './index.ts';

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));

const failed: DsnRecipient = {
  address: 'taro@example.org',
  originalRecipient: null,
  action: 'failed',
  status: '5.1.1',
  remoteHost: 'mx.example.org',
  said: { smtp: true, text: '550 5.1.1 <taro@example.org>: Recipient address rejected: User unknown' },
  lastAttemptMs: Date.UTC(2026, 0, 2),
  retryUntilMs: null,
  explanation: {
    ja: '宛先がありません。\n1. 宛先を確かめてください',
    en: 'There is no such mailbox.\n1. Check the address',
  },
};
const original = Buffer.from(
  'Received: from a by b\r\nFrom: Shop <app@shop.example>\r\nTo: taro@example.org\r\nSubject: hello\r\nMessage-ID: <1@shop.example>\r\n\r\ntext\r\n',
);

function facts(recipient: Partial<DsnRecipient>, differs: Partial<DsnFacts> = {}): DsnFacts {
  return {
    messageId: '<m-01jd3q9k2v-7xw4mabcde@shop.example>',
    dateMs: Date.UTC(2026, 0, 2),
    from: 'MAILER-DAEMON@shop.example',
    to: 'app@shop.example',
    reportingHost: 'mail.shop.example',
    envelopeId: 'QQ314159',
    arrivalMs: Date.UTC(2026, 0, 1),
    recipients: [{ ...failed, ...recipient }],
    subject: 'hello',
    original: { bytes: original, part: 'headers' },
    ...differs,
  };
}

describe('what we tell submitters reads back as what it was', () => {
  it('a failure', () => {
    const read = reader.read(composeDsn(facts({})).bytes);
    expect(read).toMatchObject({
      kind: 'bounce',
      original: { messageId: '1@shop.example', subject: 'hello' },
    });
    expect(read.reports).toHaveLength(1);
    expect(read.reports[0]).toMatchObject({
      recipient: 'taro@example.org',
      action: 'failed',
      replyCode: 550,
      status: '5.1.1',
      verdict: 'userunknown',
      remoteHost: 'mx.example.org',
      reportingHost: 'mail.shop.example',
    });
  });

  it('one that ended in time, without a server', () => {
    const said = { smtp: false, text: 'the lifetime of the message ended' };
    const read = reader.read(composeDsn(facts({ status: '4.4.7', remoteHost: null, said })).bytes);
    expect(read.kind).toBe('bounce');
    expect(read.reports[0]).toMatchObject({ action: 'failed', status: '4.4.7', verdict: 'expired' });
  });

  it('a delay', () => {
    const read = reader.read(
      composeDsn(
        facts({
          action: 'delayed',
          status: '4.2.2',
          said: { smtp: true, text: '452 4.2.2 Mailbox full' },
          retryUntilMs: Date.UTC(2026, 0, 6),
        }),
      ).bytes,
    );
    expect(read.kind).toBe('delay');
    expect(read.reports[0]).toMatchObject({ action: 'delayed', status: '4.2.2' });
  });

  it('a mail that was handed over', () => {
    const read = reader.read(
      composeDsn(facts({ action: 'relayed', status: '2.1.9', said: { smtp: true, text: '250 2.0.0 Ok' } }))
        .bytes,
    );
    expect(read).toMatchObject({ kind: 'notice' });
  });

  it('each of several recipients', () => {
    const { recipients } = facts({});
    const [first] = recipients;
    if (first === undefined) throw new Error('one');
    const more = ['b@example.org', 'c@example.org'].map((address) => ({ ...first, address }));
    const read = reader.read(composeDsn(facts({}, { recipients: [first, ...more] })).bytes);
    expect(read.reports.map(({ recipient }) => recipient)).toEqual([
      'taro@example.org',
      'b@example.org',
      'c@example.org',
    ]);
  });
});

describe('what stands in it', () => {
  it('is a report that mail programs show', async () => {
    const { bytes } = composeDsn(facts({}, { original: { bytes: original, part: 'full' } }));
    const mail = await simpleParser(bytes);
    expect(mail.from?.text).toContain('MAILER-DAEMON@shop.example');
    expect(mail.subject).toBe('Undelivered mail / 届かなかったメール');
    expect(mail.headers.get('auto-submitted')).toBe('auto-replied');
    expect(mail.text).toContain('宛先がありません。');
    expect(mail.text).toContain('There is no such mailbox.');
    expect(mail.text).toContain('mx.example.org said:');
    expect(bytes.includes(original)).toBe(true);
    for (const line of bytes.toString('latin1').split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    expect(/(?<!\r)\n|\r(?!\n)/.test(bytes.toString('latin1'))).toBe(false);
  });

  it('says addresses in UTF-8 in seven bits', () => {
    const text = composeDsn(
      facts({ address: 'あ@xn--r8jz45g.jp', originalRecipient: 'rfc822;い@例え.jp' }),
    ).bytes.toString();
    expect(text).toContain(String.raw`Final-Recipient: utf-8;\x{3042}@xn--r8jz45g.jp`);
    expect(text).toContain(String.raw`Original-Recipient: utf-8;\x{3044}@\x{4F8B}\x{3048}.jp`);
  });

  it.each([
    ['a field', 'a\r\nFinal-Recipient: rfc822; evil@example.org'],
    ['a part', 'a\r\n\r\n--=_x\r\nContent-Type: text/html\r\n\r\n<b>'],
    ['a bare line end', 'a\nAction: delivered'],
    ['controls', '\u0000\u0085\u2028x'],
    ['much', 'x'.repeat(100_000)],
  ])('keeps what others said within its field: %s', (_name, words) => {
    const { bytes } = composeDsn(
      facts(
        { said: { smtp: true, text: words }, remoteHost: words, originalRecipient: words },
        { envelopeId: words, subject: words },
      ),
    );
    const read = reader.read(bytes);
    expect(read.reports.map(({ recipient, action }) => [recipient, action])).toEqual([
      ['taro@example.org', 'failed'],
    ]);
  });

  it('marks what is returned by what it is', () => {
    const of = (bytes: string, part: 'full' | 'headers'): string =>
      composeDsn(facts({}, { original: { bytes: Buffer.from(bytes), part } })).bytes.toString();
    expect(of('From: a@b.example\r\n\r\n本文\r\n', 'full')).toContain(
      'Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit',
    );
    expect(of('From: a@b.example\r\n\r\n本文\r\n', 'headers')).toContain(
      'Content-Type: text/rfc822-headers\r\nContent-Transfer-Encoding: 7bit',
    );
    expect(of('Subject: 題\r\n\r\nx\r\n', 'full')).toContain('Content-Type: message/global\r\n');
    expect(of('Subject: 題\r\n\r\nx\r\n', 'headers')).toContain(
      'Content-Type: message/global-headers; charset=utf-8\r\n',
    );
    expect(of(`Subject: x\r\n\r\n${'x\r\n'.repeat(500_000)}`, 'full')).not.toContain('message/rfc822');
  });
});
