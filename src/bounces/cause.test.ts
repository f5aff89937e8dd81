import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createBounceReader, type RecipientReport } from './index.ts';

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));

function reportsOf(...lines: readonly string[]): readonly RecipientReport[] {
  const head = [
    'Return-Path: <>',
    'From: MAILER-DAEMON@mx.example (Mail Delivery Subsystem)',
    'To: news@sender.example',
    'Subject: Returned mail: see transcript for details',
    '',
  ];
  return reader.read(Buffer.from([...head, ...lines].join('\n'), 'utf8')).reports;
}

describe('the cause of a bounce', () => {
  it('is what RCPT was answered, when Sendmail notes it under DATA', () => {
    const [report] = reportsOf(
      '   ----- The following addresses had permanent fatal errors -----',
      '<ann@rcpt.example>',
      '    (reason: 550 <ann@rcpt.example>: User unknown)',
      '',
      '   ----- Transcript of session follows -----',
      '... while talking to mx.rcpt.example.:',
      '>>> DATA',
      '<<< 550 <ann@rcpt.example>: User unknown',
      '550 5.1.1 <ann@rcpt.example>... User unknown',
      '<<< 554 Error: no valid recipients',
    );
    expect(report).toMatchObject({ verdict: 'userunknown', hardBounce: true });
  });

  it('is not what became of another recipient', () => {
    const reports = reportsOf(
      '   ----- The following addresses had permanent fatal errors -----',
      '<ann@rcpt.example>',
      '<bob@other.example>',
      '',
      '   ----- Transcript of session follows -----',
      '554 <ann@rcpt.example>... Remote protocol error',
      '550 <bob@other.example>... Host unknown (Name server: other.example: host not found)',
    );
    expect(reports.map(({ recipient, hardBounce }) => [recipient, hardBounce])).toEqual([
      ['ann@rcpt.example', false],
      ['bob@other.example', true],
    ]);
  });

  it.each([
    { words: 'Network error on destination MXs', verdict: 'networkerror', hard: false },
    { words: 'DNS lookup: NXDOMAIN, no such host', verdict: 'hostunknown', hard: true },
    { words: 'No MX found for domain', verdict: 'notaccept', hard: true },
  ])('has a status for good where nothing else says so: $words', ({ words, verdict, hard }) => {
    const [report] = reportsOf('Delivery has failed for good:', '', `ann@rcpt.example: ${words}`);
    expect(report).toMatchObject({ action: 'failed', status: '5.0.0', verdict, hardBounce: hard });
  });

  it('is what the queue was told last, where the queue says that it gave up', () => {
    const [report] = reportsOf(
      'Delivery has failed for good:',
      '',
      'ann@rcpt.example: 554 5.4.7 Message expired after 3 days. <452 4.2.2 The mailbox is full>',
    );
    expect(report).toMatchObject({ replyCode: 452, status: '4.2.2', verdict: 'mailboxfull' });
  });

  it('is not the refusal of another, for whom delivery still goes on', () => {
    const reports = reportsOf(
      'Content-Type: message/delivery-status',
      'MIME-Version: 1.0',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      'Final-Recipient: rfc822; ann@rcpt.example',
      'Action: delayed',
      'Status: 4.0.0 (mx.rcpt.example: 550 was said to bob)',
    );
    expect(reports.map(({ action, replyCode, status }) => [action, replyCode, status])).toEqual([
      ['delayed', null, '4.0.0'],
    ]);
  });

  it('proves no unknown user where the status is of a mailbox that exists', () => {
    const line = '550 5.2.1 <ann@rcpt.example>... User unknown';
    expect(reportsOf('Delivery has failed for good:', '', `ann@rcpt.example: ${line}`)[0]).toMatchObject({
      verdict: 'filtered',
      hardBounce: false,
    });
    expect(
      reportsOf(
        'Delivery has failed for good:',
        '',
        `ann@rcpt.example: ${line} (in reply to RCPT TO command)`,
      )[0],
    ).toMatchObject({ verdict: 'userunknown', hardBounce: true });
  });

  it('is not looked for in courtesies, nor in the fields of the mail that came back', () => {
    const [report] = reportsOf(
      'This is the mail system at host mx.example.',
      '',
      "I'm sorry to have to inform you that your message could not",
      "be delivered to one or more recipients. It's attached below.",
      '',
      '<ann@rcpt.example>',
      '',
      'Subject: Your virus scanner, spam filter and mailbox quota',
    );
    expect(['onhold', 'undefined']).toContain(report?.verdict);
  });
});
