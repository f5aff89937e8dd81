import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../knowledge/index.ts';
import { createBounceReader, failedAddress, type ReturnedMail } from './index.ts';

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));

function read(...lines: readonly string[]): ReturnedMail {
  return reader.read(Buffer.from(lines.join('\n'), 'utf8'));
}

const reportHead = [
  'Return-Path: <>',
  'From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example>',
  'To: news@sender.example',
  'Subject: Delivery Status Notification',
  'MIME-Version: 1.0',
  'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
  '',
  '--b',
  '',
  'Your message could not be delivered.',
  '',
  '--b',
];
const original = [
  '--b',
  'Content-Type: message/rfc822',
  '',
  'Return-Path: <bounce+1@sender.example>',
  'From: News <news@sender.example>',
  'To: ann@alias.example',
  'Message-ID: <9@sender.example>',
  'Subject: =?UTF-8?B?5bGK44GP?=',
  'X-Todoku: token',
  '',
  'words',
  '--b--',
];

function report(...status: readonly string[]): ReturnedMail {
  return read(...reportHead, 'Content-Type: message/delivery-status', '', ...status, '', ...original);
}

describe('delivery status (RFC 3464)', () => {
  it('tells recipient, status, reply, host and the original', () => {
    const mail = report(
      'Reporting-MTA: dns; mx.example',
      '',
      'Original-Recipient: rfc822;ann@alias.example',
      'Final-Recipient: rfc822;ann@rcpt.example',
      'Action: failed',
      'Status: 5.1.1 (unknown user)',
      'Remote-MTA: dns; mx.rcpt.example (192.0.2.1)',
      'Diagnostic-Code: smtp; 550 5.1.1 <ann@rcpt.example>',
      '    User unknown',
    );
    expect(mail).toMatchObject({ kind: 'bounce', form: 'dsn' });
    expect(mail.reports).toMatchObject([
      {
        recipient: 'ann@alias.example',
        finalRecipient: 'ann@rcpt.example',
        action: 'failed',
        replyCode: 550,
        status: '5.1.1',
        verdict: 'userunknown',
        hardBounce: true,
        remoteHost: 'mx.rcpt.example',
        reportingHost: 'mx.example',
        said: '550 5.1.1 <ann@rcpt.example> User unknown',
      },
    ]);
    expect(mail.reports.map((each) => failedAddress(each))).toEqual(['ann@rcpt.example']);
    expect(mail.original).toMatchObject({
      messageId: '9@sender.example',
      returnPath: 'bounce+1@sender.example',
      from: 'news@sender.example',
      to: ['ann@alias.example'],
      subject: '届く',
    });
    expect(mail.original?.headers).toContainEqual({ name: 'x-todoku', value: 'token' });
  });

  it('has one report for each recipient, also where empty lines stand wrongly', () => {
    const mail = report(
      'Reporting-MTA: dns; mx.example',
      'Final-Recipient: rfc822;ann@rcpt.example',
      'Action: failed',
      '',
      'Status: 5.2.2',
      '',
      'Final-Recipient: RFC822; <bob@rcpt.example>',
      'Action: delayed',
      'Status: 4.4.1',
    );
    expect(mail.kind).toBe('bounce');
    expect(mail.reports.map(({ recipient, status, action }) => [recipient, status, action])).toEqual([
      ['ann@rcpt.example', '5.2.2', 'failed'],
      ['bob@rcpt.example', '4.4.1', 'delayed'],
    ]);
  });

  it('is a delay, or a notice, when no recipient failed', () => {
    expect(
      report('Final-Recipient: rfc822;ann@rcpt.example', 'Action: delayed', 'Status: 4.4.1'),
    ).toMatchObject({
      kind: 'delay',
      reports: [{ hardBounce: false }],
    });
    expect(
      report('Final-Recipient: rfc822;ann@rcpt.example', 'Action: relayed', 'Status: 2.1.5'),
    ).toMatchObject({
      kind: 'notice',
      reports: [{ verdict: 'delivered', status: '2.1.5' }],
    });
  });

  it('reads internationalised addresses (RFC 6533) and xtext (RFC 3461)', () => {
    const mail = report(
      'Final-Recipient: utf-8; \\x{3042}nn@rcpt.example',
      'Action: failed',
      'Status: 5.1.1',
    );
    expect(mail.reports[0]?.recipient).toBe('あnn@rcpt.example');
    const plus = report(
      'Original-Recipient: rfc822;ann+2Bnews@rcpt.example',
      'Final-Recipient: rfc822;x@y.example',
      'Action: failed',
    );
    expect(plus.reports[0]?.recipient).toBe('ann+news@rcpt.example');
  });

  it('takes the class alone for a status where there is none (RFC 3463 §3.1)', () => {
    expect(report('Final-Recipient: rfc822;ann@rcpt.example', 'Action: failed').reports[0]?.status).toBe(
      '5.0.0',
    );
    expect(report('Final-Recipient: rfc822;ann@rcpt.example', 'Action: delayed').reports[0]?.status).toBe(
      '4.0.0',
    );
  });

  it('prefers what the receiver said to a status that says nothing', () => {
    const mail = report(
      'Final-Recipient: rfc822;ann@rcpt.example',
      'Action: failed',
      'Status: 5.0.0',
      'Diagnostic-Code: smtp; 552 5.2.2 mailbox full',
    );
    expect(mail.reports[0]).toMatchObject({
      status: '5.2.2',
      replyCode: 552,
      verdict: 'mailboxfull',
      hardBounce: false,
    });
  });

  it('is read out of plain text when its MIME was lost', () => {
    const mail = read(
      'From: MAILER-DAEMON@mx.example',
      'Subject: Returned mail',
      '',
      'Reporting-MTA: dns; mx.example',
      '',
      'Final-Recipient: rfc822; ann@rcpt.example',
      'Action: failed',
      'Status: 5.2.2',
    );
    expect(mail).toMatchObject({
      form: 'dsn',
      reports: [{ recipient: 'ann@rcpt.example', status: '5.2.2' }],
    });
  });

  it('is read inside of a mail that carries it as an attachment', () => {
    const inner = [
      ...reportHead,
      'Content-Type: message/delivery-status',
      '',
      'Final-Recipient: rfc822;ann@rcpt.example',
      'Action: failed',
      '--b--',
    ];
    const mail = read(
      'From: Carl <carl@other.example>',
      'Subject: look',
      'Content-Type: message/rfc822',
      '',
      ...inner,
    );
    expect(mail).toMatchObject({ kind: 'bounce', reports: [{ recipient: 'ann@rcpt.example' }] });
  });
});

describe('complaints', () => {
  const arf = (...fields: readonly string[]): ReturnedMail =>
    read(
      'From: fbl@provider.example',
      'Subject: FW: News',
      'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
      '',
      '--b',
      '',
      'This is an email abuse report.',
      '--b',
      'Content-Type: message/feedback-report',
      '',
      ...fields,
      '',
      ...original,
    );

  it('tell type and recipients (RFC 5965)', () => {
    const mail = arf(
      'Feedback-Type: Abuse',
      'Version: 1',
      'Source-IP: 192.0.2.9',
      'Original-Rcpt-To: <ann@rcpt.example>',
      'Original-Rcpt-To: bob@rcpt.example',
    );
    expect(mail).toMatchObject({
      kind: 'complaint',
      form: 'arf',
      original: { messageId: '9@sender.example' },
    });
    expect(mail.reports).toMatchObject([
      {
        recipient: 'ann@rcpt.example',
        action: 'complained',
        verdict: 'feedback',
        feedbackType: 'abuse',
        hardBounce: false,
      },
      { recipient: 'bob@rcpt.example' },
    ]);
  });

  it('take the recipient of the original when none is named', () => {
    expect(arf('Feedback-Type: opt-out').reports).toMatchObject([
      { recipient: 'ann@alias.example', feedbackType: 'opt-out' },
    ]);
  });
});

describe('automatic replies', () => {
  it('are told from bounces that say auto-replied', () => {
    const vacation = read(
      'From: Ann <ann@rcpt.example>',
      'Subject: Re: News',
      'Auto-Submitted: auto-replied (vacation)',
      'In-Reply-To: <9@sender.example>',
      '',
      'Back on Monday.',
    );
    expect(vacation).toMatchObject({
      kind: 'auto-reply',
      reports: [{ recipient: 'ann@rcpt.example', verdict: 'vacation', action: 'replied', status: null }],
      original: { messageId: '9@sender.example' },
    });
  });

  it('are no newsletter, even one that is auto-generated', () => {
    const mail = read(
      'From: shop@other.example',
      'Subject: Vacation offers',
      'Auto-Submitted: auto-generated',
      'List-Unsubscribe: <https://other.example/u>',
      '',
      'On vacation!',
    );
    expect(mail).toEqual({ kind: 'none', form: null, reports: [], original: null });
  });
});
