import type { Classifier } from '../replies/index.ts';
import type { FeedbackFacts } from './feedback-report.ts';
import { judge } from './judge.ts';
import type { Notification } from './notifications/notification.ts';
import { complaintReports, noticeReports } from './plain-reports.ts';
import type { RecipientFacts, ReturnedMail } from './returned-mail.ts';

/** A service's notification in the shape of a returned mail. */
export function mailOfNotification(notification: Notification, classifier: Classifier): ReturnedMail {
  const { facts, form, original, feedbackType } = notification;
  if (feedbackType !== null) {
    const reports = complaintReports(complaint(facts, feedbackType));
    return { kind: 'complaint', form, reports, original };
  }
  const reports = facts.map((each) =>
    each.action === 'delivered' ? noticeReports(each) : judge(each, classifier),
  );
  return { kind: kindOf(facts), form, reports, original };
}

function kindOf(facts: readonly RecipientFacts[]): ReturnedMail['kind'] {
  if (facts.every(({ action }) => action === 'delivered')) return 'notice';
  return facts.every(({ action }) => action === 'delayed') ? 'delay' : 'bounce';
}

function complaint(facts: readonly RecipientFacts[], feedbackType: string): FeedbackFacts {
  return {
    feedbackType,
    recipients: facts.map(({ recipient }) => recipient).filter((recipient) => recipient !== null),
    remoteHost: null,
    reportingHost: null,
    words: '',
    form: 'json',
  };
}

/** Several notifications as one: for doors that take one mail at a time. */
export function merged(mails: readonly ReturnedMail[]): ReturnedMail | null {
  const [first] = mails;
  if (first === undefined) return null;
  const order: readonly ReturnedMail['kind'][] = [
    'bounce',
    'complaint',
    'delay',
    'auto-reply',
    'notice',
    'none',
  ];
  const kind = order.find((each) => mails.some((mail) => mail.kind === each)) ?? 'none';
  return {
    ...first,
    kind,
    reports: mails.flatMap(({ reports }) => reports),
    original: mails.length === 1 ? first.original : null,
  };
}
