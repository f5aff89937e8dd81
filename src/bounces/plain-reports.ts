import type { FeedbackFacts } from './feedback-report.ts';
import type { RecipientFacts, RecipientReport } from './returned-mail.ts';

// Reports that need no judgement: what they are is what they mean.

const certain = { detail: null, provider: null, confidence: 1, hardBounce: false, remedy: null } as const;
const longestSaidChars = 1_000;

const bare = {
  ...certain,
  finalRecipient: null,
  replyCode: null,
  status: null,
  feedbackType: null,
  remoteHost: null,
  reportingHost: null,
} as const;

/** A complaint about each recipient it names; one without an address when it names none. */
export function complaintReports(facts: FeedbackFacts): readonly RecipientReport[] {
  const recipients = facts.recipients.length === 0 ? [null] : facts.recipients;
  return recipients.map((recipient) => ({
    ...bare,
    recipient,
    action: 'complained',
    verdict: 'feedback',
    rule: `feedback:${facts.feedbackType}`,
    party: 'sender',
    feedbackType: facts.feedbackType,
    said: oneLine(facts.words),
    remoteHost: facts.remoteHost,
    reportingHost: facts.reportingHost,
  }));
}

/** An automatic reply: somebody's mailbox took the mail. */
export function vacationReport(from: string | null, words: string): RecipientReport {
  return {
    ...bare,
    recipient: from,
    action: 'replied',
    verdict: 'vacation',
    rule: 'auto-reply',
    party: 'nobody',
    said: oneLine(words),
  };
}

/** A success notice (RFC 3464 §2.3.3: delivered, relayed, expanded). */
export function noticeReports(facts: RecipientFacts): RecipientReport {
  return {
    ...bare,
    recipient: facts.recipient,
    finalRecipient: facts.finalRecipient,
    action: facts.action,
    replyCode: facts.replyCode,
    status: facts.status ?? '2.0.0',
    verdict: 'delivered',
    rule: `action:${facts.action}`,
    party: 'nobody',
    said: oneLine(facts.words[0] ?? ''),
    remoteHost: facts.remoteHost,
    reportingHost: facts.reportingHost,
  };
}

function oneLine(text: string): string {
  return text
    .slice(0, 4 * longestSaidChars)
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, longestSaidChars);
}
