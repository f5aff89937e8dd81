import type { RecipientReport, ReturnedMail } from '../bounces/index.ts';
import type { ReturnedEvent, ReturnedKind } from '../events/index.ts';
import type { Match } from './matching.ts';

export type NewsFacts = {
  readonly match: Match;
  /** Of the mail. */
  readonly digest: string;
  readonly atMs: number;
  readonly via: ReturnedEvent['via'];
};

/**
 * The events of one reading. A mail that is tied to a message speaks of that message's one recipient, whatever other
 * addresses it names (forwarding): one event. Without a message each recipient it names is an event.
 */
export function newsOf(mail: ReturnedMail, facts: NewsFacts): readonly ReturnedEvent[] {
  const { message } = facts.match;
  if (mail.kind === 'none') return message === null ? [] : [answered(facts)];
  if (message === null) {
    // A vacation notice that belongs to nothing of ours tells nobody anything.
    if (mail.kind === 'auto-reply') return [];
    return mail.reports.map((report, index) => eventOf(mail, report, { ...facts, index }));
  }
  const report = reportFor(mail.reports, message.address);
  return report === null ? [] : [eventOf(mail, report, { ...facts, index: 0 })];
}

// The most consequential news first, where a mail says several things and none of them of the address we sent to.
const gravity: readonly RecipientReport['action'][] = ['failed', 'complained', 'delayed'];

function reportFor(reports: readonly RecipientReport[], address: string): RecipientReport | null {
  const wanted = address.toLowerCase();
  const named = reports.filter(
    (each) => each.recipient?.toLowerCase() === wanted || each.finalRecipient?.toLowerCase() === wanted,
  );
  const candidates = named.length > 0 ? named : reports;
  for (const action of gravity) {
    const found = candidates.find((each) => each.action === action);
    if (found !== undefined) return found;
  }
  return candidates[0] ?? null;
}

const kindOfAction: Readonly<Record<NonNullable<RecipientReport['action']>, ReturnedKind>> = {
  failed: 'bounced-later',
  delayed: 'delay-notice',
  delivered: 'delivery-notice',
  relayed: 'delivery-notice',
  expanded: 'delivery-notice',
  complained: 'complained',
  replied: 'auto-replied',
};

const kindOfMail: Readonly<Record<Exclude<ReturnedMail['kind'], 'none'>, ReturnedKind>> = {
  bounce: 'bounced-later',
  delay: 'delay-notice',
  notice: 'delivery-notice',
  complaint: 'complained',
  'auto-reply': 'auto-replied',
};

function kindOf(mail: ReturnedMail, report: RecipientReport): ReturnedKind {
  if (report.action !== null) return kindOfAction[report.action];
  return mail.kind === 'none' ? 'answered' : kindOfMail[mail.kind];
}

type Place = NewsFacts & { readonly index: number };

function eventOf(mail: ReturnedMail, report: RecipientReport, place: Place): ReturnedEvent {
  const { match, digest, atMs, via, index } = place;
  const kind = kindOf(mail, report);
  return {
    kind,
    messageId: match.message?.id ?? null,
    matchedBy: match.matchedBy,
    trusted: match.trusted,
    recipient: match.message?.address ?? report.recipient ?? report.finalRecipient,
    atMs,
    digest: index === 0 ? digest : `${digest}.${index}`,
    reading: {
      verdict: report.verdict,
      detail: report.detail,
      rule: report.rule,
      confidence: report.confidence,
    },
    hardBounce: report.hardBounce && kind === 'bounced-later',
    party: report.party,
    replyCode: report.replyCode,
    status: report.status,
    said: report.said,
    remoteHost: report.remoteHost,
    feedbackType: report.feedbackType,
    provider: report.provider,
    via,
  };
}

/** An ordinary mail to a return path: on record, so that `why` can say that somebody answered. */
function answered({ match, digest, atMs, via }: NewsFacts): ReturnedEvent {
  return {
    kind: 'answered',
    messageId: match.message?.id ?? null,
    matchedBy: match.matchedBy,
    trusted: match.trusted,
    recipient: match.message?.address ?? null,
    atMs,
    digest,
    reading: { verdict: null, detail: null, rule: null, confidence: 1 },
    hardBounce: false,
    party: 'nobody',
    replyCode: null,
    status: null,
    said: '',
    remoteHost: null,
    feedbackType: null,
    provider: null,
    via,
  };
}
