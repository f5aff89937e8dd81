import { firstAddress } from '../address-text.ts';
import type { ReportedAction } from '../returned-mail.ts';
import { objectAt, objectsAt, textAt, type JsonObject } from './json-value.ts';
import { factsOf, originalOf, type Notification } from './notification.ts';

// Event webhooks of sending services, as their manuals describe them: one flat event a recipient.

/** Names of events, in the services' words, and what they say. Others (opens, clicks) are no news of a return. */
const actions: Readonly<Record<string, ReportedAction>> = {
  bounce: 'failed',
  bounced: 'failed',
  blocked: 'failed',
  dropped: 'failed',
  failed: 'failed',
  hard_bounce: 'failed',
  soft_bounce: 'failed',
  reject: 'failed',
  rejected: 'failed',
  invalid_email: 'failed',
  invalid: 'failed',
  error: 'failed',
  out_of_band: 'failed',
  policy_rejection: 'failed',
  generation_failure: 'failed',
  hardbounce: 'failed',
  softbounce: 'failed',
  deferred: 'delayed',
  deferral: 'delayed',
  delay: 'delayed',
  delayed: 'delayed',
  temporary_fail: 'delayed',
  permanent_fail: 'failed',
  delivered: 'delivered',
  delivery: 'delivered',
  spamreport: 'complained',
  spam: 'complained',
  complained: 'complained',
  complaint: 'complained',
  spam_complaint: 'complained',
  spamcomplaint: 'complained',
};

type Reader = (value: JsonObject) => Notification | null;

/** The services, most particular shape first. */
export const webhookReaders: readonly Reader[] = [mailgun, postmark, sparkpost, mandrill, flat];

/** SendGrid, Brevo, Mailjet and those who write alike: `{"email", "event", "reason", "status"}`. */
function flat(value: JsonObject): Notification | null {
  const event = textAt(value, 'event', 'type', 'RecordType')?.toLowerCase() ?? '';
  const recipient = firstAddress(
    textAt(value, 'email', 'recipient', 'rcpt', 'rcpt_to', 'to', 'address', 'Email'),
  );
  const action = actions[event];
  if (recipient === null || action === undefined) return null;
  const form = Object.keys(value).some((key) => key.startsWith('sg_') || key === 'smtp-id')
    ? 'json-sendgrid'
    : 'json-event';
  const softly = event === 'soft_bounce' || value['hard_bounce'] === false;
  return notification(form, {
    recipient,
    action,
    status: textAt(value, 'status', 'enhanced_status', 'enhanced_code') ?? (softly ? '4.0.0' : null),
    code: textAt(value, 'code', 'response_code', 'smtp_code'),
    words: [
      textAt(value, 'reason', 'response', 'diagnostic', 'message', 'error', 'comment', 'description', 'diag'),
      textAt(value, 'comment', 'response', 'bounce_classification', 'error_related_to'),
      event === 'dropped' || event === 'reject' ? droppedBecause(textAt(value, 'reason')) : null,
    ],
    messageId: textAt(value, 'smtp-id', 'message-id', 'message_id', 'sg_message_id', 'MessageID'),
    subject: textAt(value, 'subject'),
  });
}

/** SendGrid's manual: a "dropped" mail was not sent, mostly for an address that bounced or complained before. */
function droppedBecause(reason: string | null): string | null {
  return reason !== null &&
    /bounced address|unsubscribed|spam reporting|suppress|previous|invalid/i.test(reason)
    ? 'The address is on the suppression list'
    : null;
}

function mailgun(value: JsonObject): Notification | null {
  const event = objectAt(value, 'event-data') ?? value;
  const status = objectAt(event, 'delivery-status');
  if (status === null) return null;
  const temporary = textAt(event, 'severity') === 'temporary';
  const named = actions[textAt(event, 'event')?.toLowerCase() ?? ''];
  const action = named === 'failed' && temporary ? 'delayed' : named;
  if (action === undefined) return null;
  const headers = objectAt(event, 'message', 'headers');
  return notification('json-mailgun', {
    recipient: firstAddress(textAt(event, 'recipient')),
    action,
    status: textAt(status, 'enhanced-code'),
    code: textAt(status, 'code'),
    words: [textAt(status, 'message'), textAt(status, 'description'), suppressionOf(textAt(event, 'reason'))],
    messageId: textAt(headers, 'message-id'),
    subject: textAt(headers, 'subject'),
    host: textAt(status, 'mx-host'),
  });
}

function suppressionOf(reason: string | null): string | null {
  return reason !== null && /suppress/i.test(reason) ? 'The address is on the suppression list' : reason;
}

function postmark(value: JsonObject): Notification | null {
  const kind = textAt(value, 'RecordType');
  if (kind !== 'Bounce' && kind !== 'SpamComplaint' && kind !== 'Delivery') return null;
  const soft = /soft|transient|dnserror/i.test(textAt(value, 'Type') ?? '');
  return notification('json-postmark', {
    recipient: firstAddress(textAt(value, 'Email', 'Recipient')),
    action: kind === 'Bounce' ? 'failed' : kind === 'Delivery' ? 'delivered' : 'complained',
    status: soft ? '4.0.0' : null,
    code: null,
    words: [textAt(value, 'Details'), textAt(value, 'Description')],
    messageId: textAt(value, 'MessageID'),
    subject: textAt(value, 'Subject'),
  });
}

function sparkpost(value: JsonObject): Notification | null {
  const event = objectAt(value, 'msys', 'message_event');
  if (event === null) return null;
  const action = actions[textAt(event, 'type')?.toLowerCase() ?? ''];
  if (action === undefined) return null;
  return notification('json-sparkpost', {
    recipient: firstAddress(textAt(event, 'rcpt_to')),
    action,
    status: null,
    code: textAt(event, 'error_code'),
    words: [textAt(event, 'raw_reason'), textAt(event, 'reason')],
    messageId: textAt(event, 'message_id'),
    subject: textAt(event, 'subject'),
  });
}

function mandrill(value: JsonObject): Notification | null {
  const mail = objectAt(value, 'msg');
  const event = textAt(value, 'event')?.toLowerCase() ?? '';
  const action = actions[event];
  if (mail === null || action === undefined) return null;
  const attempts = objectsAt(mail, 'smtp_events').at(-1) ?? null;
  return notification('json-mandrill', {
    recipient: firstAddress(textAt(mail, 'email')),
    action,
    status: event === 'soft_bounce' ? '4.0.0' : null,
    code: null,
    words: [textAt(mail, 'diag') ?? textAt(attempts, 'diag'), textAt(mail, 'bounce_description')],
    messageId: textAt(mail, '_id'),
    subject: textAt(mail, 'subject'),
  });
}

type Event = {
  readonly recipient: string | null;
  readonly action: ReportedAction;
  readonly status: string | null;
  readonly code: string | null;
  readonly words: readonly (string | null)[];
  readonly messageId: string | null;
  readonly subject: string | null;
  readonly host?: string | null;
};

function notification(form: string, event: Event): Notification {
  const code = /^[245]\d\d$/.exec(event.code ?? '')?.[0];
  return {
    form,
    feedbackType: event.action === 'complained' ? 'abuse' : null,
    facts: [
      factsOf({
        recipient: event.recipient,
        action: event.action,
        status: event.status,
        replyCode: code === undefined ? null : Number(code),
        words: event.words,
        remoteHost: event.host ?? null,
      }),
    ],
    original: originalOf({
      messageId: event.messageId,
      subject: event.subject,
      to: event.recipient === null ? [] : [event.recipient],
    }),
  };
}
