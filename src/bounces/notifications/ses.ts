import { firstAddress } from '../address-text.ts';
import { objectAt, objectsAt, textAt, textsAt, type JsonObject } from './json-value.ts';
import { factsOf, originalOf, type Notification } from './notification.ts';

// Amazon SES, "Contents of Amazon SNS notifications" and "Contents of event data": the same objects under
// `notificationType` or `eventType`.

/** Reads a notification or event of Amazon SES; null when it is none. */
export function readSes(value: JsonObject): Notification | null {
  const kind = textAt(value, 'notificationType', 'eventType');
  if (kind === null || objectAt(value, 'mail') === null) return null;
  const facts = factsFor(kind, value);
  if (facts === null) return null;
  const feedbackType =
    kind === 'Complaint' ? (textAt(objectAt(value, 'complaint'), 'complaintFeedbackType') ?? 'abuse') : null;
  return { form: 'json-ses', facts, feedbackType, original: originalMail(value) };
}

function factsFor(kind: string, value: JsonObject): Notification['facts'] | null {
  switch (kind) {
    case 'Bounce':
      return bounced(objectAt(value, 'bounce'));
    case 'Complaint':
      return objectsAt(objectAt(value, 'complaint'), 'complainedRecipients').map((each) =>
        factsOf({ recipient: address(each), action: 'complained' }),
      );
    case 'Delivery': {
      const delivery = objectAt(value, 'delivery');
      const said = textAt(delivery, 'smtpResponse');
      return textsAt(delivery, 'recipients').map((recipient) =>
        factsOf({
          recipient: firstAddress(recipient),
          action: 'delivered',
          words: [said],
          reportingHost: textAt(delivery, 'reportingMTA'),
        }),
      );
    }
    case 'DeliveryDelay':
      return objectsAt(objectAt(value, 'deliveryDelay'), 'delayedRecipients').map((each) =>
        factsOf({
          recipient: address(each),
          action: 'delayed',
          status: textAt(each, 'status'),
          words: [textAt(each, 'diagnosticCode'), textAt(objectAt(value, 'deliveryDelay'), 'delayType')],
        }),
      );
    case 'Reject':
      return textsAt(objectAt(value, 'mail'), 'destination').map((recipient) =>
        factsOf({ recipient, action: 'failed', words: [textAt(objectAt(value, 'reject'), 'reason')] }),
      );
    default:
      return null;
  }
}

/** What the sub-types of the documentation mean, in words that the rules know. */
const subTypes: Readonly<Record<string, string>> = {
  Suppressed: 'The address is on the suppression list',
  OnAccountSuppressionList: 'The address is on the account suppression list',
  NoEmail: 'Recipient address not found',
  MailboxFull: 'The mailbox is full',
  MessageTooLarge: 'Message too large',
  ContentRejected: 'The content of the message was rejected',
  AttachmentRejected: 'Attachment type rejected',
};

function bounced(bounce: JsonObject | null): Notification['facts'] {
  const permanent = textAt(bounce, 'bounceType') === 'Permanent';
  const subType = textAt(bounce, 'bounceSubType');
  return objectsAt(bounce, 'bouncedRecipients').map((each) =>
    factsOf({
      recipient: address(each),
      action: 'failed',
      status: textAt(each, 'status') ?? (permanent ? '5.0.0' : '4.0.0'),
      words: [withoutType(textAt(each, 'diagnosticCode')), subTypes[subType ?? ''] ?? null],
      reportingHost: textAt(bounce, 'reportingMTA')?.replace(/^dns;\s*/i, '') ?? null,
      remoteHost: textAt(bounce, 'remoteMtaIp'),
    }),
  );
}

/** RFC 3464 §2.3.6 as SES hands it on: `smtp; 550 …`. */
function withoutType(diagnostic: string | null): string | null {
  return diagnostic?.replace(/^\s*[\w-]+\s*;\s*/, '') ?? null;
}

function address(recipient: JsonObject): string | null {
  return firstAddress(textAt(recipient, 'emailAddress'));
}

function originalMail(value: JsonObject): Notification['original'] {
  const mail = objectAt(value, 'mail');
  const common = objectAt(value, 'mail', 'commonHeaders');
  return originalOf({
    messageId: textAt(common, 'messageId') ?? textAt(mail, 'messageId'),
    returnPath: textAt(mail, 'source'),
    from: firstAddress(textsAt(common, 'from')[0] ?? textAt(mail, 'source')),
    to: textsAt(mail, 'destination'),
    subject: textAt(common, 'subject'),
    headers: objectsAt(mail, 'headers')
      .slice(0, 100)
      .map((field) => ({
        name: (textAt(field, 'name') ?? '').toLowerCase(),
        value: (textAt(field, 'value') ?? '').slice(0, 2_000),
      })),
  });
}
