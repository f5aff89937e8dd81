import { describe, expect, it } from 'vitest';
import { defaultKnowledgeFolder, loadKnowledge } from '../../knowledge/index.ts';
import { createBounceReader, type ReturnedMail } from '../index.ts';

const reader = createBounceReader(loadKnowledge(defaultKnowledgeFolder()));
const read = (value: unknown): ReturnedMail =>
  reader.read(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));

const sesMail = {
  messageId: '0100',
  source: 'bounce@sender.example',
  destination: ['ann@rcpt.example'],
  headers: [{ name: 'X-Todoku', value: 'token' }],
  commonHeaders: { from: ['News <news@sender.example>'], subject: 'News', messageId: '<9@sender.example>' },
};
const sesBounce = {
  notificationType: 'Bounce',
  bounce: {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    reportingMTA: 'dns; a8-50.smtp-out.amazonses.com',
    bouncedRecipients: [
      {
        emailAddress: 'ann@rcpt.example',
        action: 'failed',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      },
    ],
  },
  mail: sesMail,
};

describe('notifications of Amazon SES', () => {
  const expected = {
    kind: 'bounce',
    form: 'json-ses',
    reports: [
      {
        recipient: 'ann@rcpt.example',
        action: 'failed',
        replyCode: 550,
        status: '5.1.1',
        verdict: 'userunknown',
        hardBounce: true,
      },
    ],
    original: {
      messageId: '9@sender.example',
      returnPath: 'bounce@sender.example',
      headers: [{ name: 'x-todoku', value: 'token' }],
    },
  };

  it.each([
    ['by themselves', sesBounce],
    ['as events', { ...sesBounce, notificationType: undefined, eventType: 'Bounce' }],
    ['within SNS', { Type: 'Notification', TopicArn: 'arn', Message: JSON.stringify(sesBounce) }],
    ['within EventBridge', { 'detail-type': 'Email Bounced', detail: { ...sesBounce, eventType: 'Bounce' } }],
    [
      'in a mail, folded',
      `From: no-reply@sns.example\nSubject: AWS Notification Message\n\n${JSON.stringify(sesBounce).replace('"status"', '\n"status"')}\n--\nunsubscribe`,
    ],
  ])('are read %s', (_name, value) => {
    expect(read(value)).toMatchObject(expected);
  });

  it('tell complaints and delays', () => {
    const complaint = {
      eventType: 'Complaint',
      complaint: {
        complainedRecipients: [{ emailAddress: 'ann@rcpt.example' }],
        complaintFeedbackType: 'not-spam',
      },
      mail: sesMail,
    };
    expect(read(complaint)).toMatchObject({
      kind: 'complaint',
      reports: [{ recipient: 'ann@rcpt.example', feedbackType: 'not-spam' }],
    });
    const delay = {
      eventType: 'DeliveryDelay',
      deliveryDelay: {
        delayType: 'MailboxFull',
        delayedRecipients: [
          { emailAddress: 'ann@rcpt.example', status: '4.2.2', diagnosticCode: 'smtp; 452 4.2.2 full' },
        ],
      },
      mail: sesMail,
    };
    expect(read(delay)).toMatchObject({
      kind: 'delay',
      reports: [{ status: '4.2.2', replyCode: 452, hardBounce: false }],
    });
  });
});

describe('events of other services', () => {
  it('are read one by one, as an array and as lines', () => {
    const events = [
      {
        email: 'ann@rcpt.example',
        event: 'bounce',
        status: '5.1.1',
        reason: '550 5.1.1 no such user',
        sg_event_id: '1',
        'smtp-id': '<9@sender.example>',
      },
      { email: 'bob@rcpt.example', event: 'open', sg_event_id: '2' },
      { email: 'carl@rcpt.example', event: 'spamreport', sg_event_id: '3' },
    ];
    for (const text of [JSON.stringify(events), events.map((each) => JSON.stringify(each)).join('\n')]) {
      const mails = reader.readAll(Buffer.from(text));
      expect(mails).toMatchObject([
        {
          kind: 'bounce',
          form: 'json-sendgrid',
          reports: [{ recipient: 'ann@rcpt.example', verdict: 'userunknown' }],
          original: { messageId: '9@sender.example' },
        },
        { kind: 'complaint', reports: [{ recipient: 'carl@rcpt.example', feedbackType: 'abuse' }] },
      ]);
    }
    expect(read(events).reports).toHaveLength(2);
  });

  it.each([
    [
      'mailgun',
      {
        'event-data': {
          event: 'failed',
          severity: 'permanent',
          recipient: 'ann@rcpt.example',
          'delivery-status': { code: 550, message: '5.1.1 user unknown' },
        },
      },
    ],
    [
      'postmark',
      {
        RecordType: 'Bounce',
        Type: 'HardBounce',
        Email: 'ann@rcpt.example',
        Details: 'smtp;550 5.1.1 user unknown',
      },
    ],
    [
      'sparkpost',
      {
        msys: {
          message_event: {
            type: 'bounce',
            rcpt_to: 'ann@rcpt.example',
            error_code: '550',
            raw_reason: '550 5.1.1 user unknown',
          },
        },
      },
    ],
    [
      'mandrill',
      { event: 'hard_bounce', msg: { email: 'ann@rcpt.example', diag: 'smtp;550 5.1.1 user unknown' } },
    ],
    ['event', { event: 'hard_bounce', email: 'ann@rcpt.example', reason: '550 5.1.1 user unknown' }],
  ])('are read as %s writes them', (name, value) => {
    expect(read(value)).toMatchObject({
      kind: 'bounce',
      form: `json-${name}`,
      reports: [{ recipient: 'ann@rcpt.example', replyCode: 550, verdict: 'userunknown' }],
    });
  });

  it('are none in JSON of another kind, or in half of one', () => {
    expect(read({ event: 'bounce' }).kind).toBe('none');
    expect(read('{"notificationType":"Bounce"').kind).toBe('none');
    expect(read('[{"__proto__":{"event":"bounce","email":"a@b.example"}}]').kind).toBe('none');
  });
});
