/** What may lead to a suppression: the end of a message, or news about it that came back. */
export type SuppressionNews = {
  readonly kind: 'bounced' | 'bounced-later' | 'expired' | 'complained' | 'other';
  readonly verdict: string | null;
  /** The knowledge base says that nothing sent there will ever arrive. */
  readonly hardBounce: boolean;
  /** RFC 5965; null when it is no complaint, or does not say. */
  readonly feedbackType: string | null;
  /** We saw it ourselves (our own attempt), or our seal proves it. */
  readonly trusted: boolean;
  readonly atMs: number;
  /** When the mail went out: news of mail older than a release proves nothing after it. */
  readonly sentMs: number;
};

/** What is on record about the address; asked only when the answer depends on it. */
export type SuppressionPast = {
  /** When a suppression of the address was last lifted by somebody; null: never. */
  releasedMs(): number | null;
  /** Failures in a row that count as soft, this one included, since that time, at most `atMost`: a delivery ends the row. */
  softFailures(sinceMs: number, atMost: number): number;
};

/** `suppression.*` of the configuration. */
export type SuppressionPolicy = {
  /** Suppress at once what does not exist. */
  readonly hard: boolean;
  /** Suppress at once whoever complained. */
  readonly complaints: boolean;
  /** So many soft failures in a row; 0: never. */
  readonly softCount: number;
  /** Within this time, and then rest for that long. */
  readonly softWindowMs: number;
  readonly softRestMs: number;
};

export type SuppressionJudgement =
  | {
      readonly suppress: true;
      readonly reason: 'bounced' | 'complained';
      readonly because: 'hard' | 'soft' | 'complaint';
      /** null: until somebody lifts it. */
      readonly untilMs: number | null;
    }
  | {
      readonly suppress: false;
      readonly because:
        | 'not-proved' // anybody can write a bounce; only our own seal tells ours
        | 'before-release' // about mail from before somebody lifted the suppression
        | 'not-the-recipient' // the cause lies with us, the content, or the way
        | 'too-few' // soft, and not often enough
        | 'no-complaint' // feedback that says something else than "I do not want this"
        | 'switched-off';
    };

const dayMs = 24 * 60 * 60 * 1000;

/**
 * 5 in a row within 30 days lies between what others do with full mailboxes: 3 (Campaign Monitor, Engaging Networks,
 * https://ensupportal.atlassian.net/wiki/spaces/ENS) and 20 (Dotdigital,
 * https://support.dotdigital.com/en/articles/8198809-adjusting-soft-bounce-settings). A full mailbox may be emptied, so
 * the address rests for as long as it was watched, and is then tried again.
 */
export const defaultSuppressionPolicy: SuppressionPolicy = {
  hard: true,
  complaints: true,
  softCount: 5,
  softWindowMs: 30 * dayMs,
  softRestMs: 30 * dayMs,
};

// A list of what may suppress, not of what may not: a verdict that somebody adds, or a rule that calls a block of our IP
// "hard", then suppresses nobody.
const hardVerdicts: ReadonlySet<string> = new Set(['userunknown', 'hostunknown', 'hasmoved', 'notaccept']);

/** Causes that lie in the mailbox and may pass: nothing that the sender, the content or the network brought about. */
export const softVerdicts: readonly string[] = [
  'mailboxfull',
  'suspend',
  'filtered',
  'userunknown',
  'hasmoved',
];

// IANA "MARF Feedback Report Type Values": not-spam (RFC 6430) asks for the opposite, auth-failure (RFC 6591) and virus
// speak of the mail and not of the person's wish.
const complaintTypes: ReadonlySet<string> = new Set(['abuse', 'fraud', 'opt-out', 'other']);

/** Whether a failure could lead to a suppression at all: lets the hot path pass over everything else unasked. */
export function mayPointToRecipient(reading: { readonly verdict: string | null }): boolean {
  return (
    reading.verdict !== null && (hardVerdicts.has(reading.verdict) || softVerdicts.includes(reading.verdict))
  );
}

/** Whether one piece of news suppresses the address that the message went to, and why or why not. Pure. */
export function judgeSuppression(
  news: SuppressionNews,
  past: SuppressionPast,
  policy: SuppressionPolicy,
): SuppressionJudgement {
  if (!news.trusted) return no('not-proved');
  if (news.kind === 'other') return no('not-the-recipient');
  const answer = news.kind === 'complained' ? judgeComplaint(news, policy) : judgeFailure(news, past, policy);
  if (!answer.suppress) return answer;
  const releasedMs = past.releasedMs();
  return releasedMs !== null && news.sentMs <= releasedMs ? no('before-release') : answer;
}

function judgeComplaint({ feedbackType }: SuppressionNews, policy: SuppressionPolicy): SuppressionJudgement {
  if (feedbackType !== null && !complaintTypes.has(feedbackType.toLowerCase())) return no('no-complaint');
  if (!policy.complaints) return no('switched-off');
  return { suppress: true, reason: 'complained', because: 'complaint', untilMs: null };
}

function judgeFailure(
  { kind, verdict, hardBounce, atMs }: SuppressionNews,
  past: SuppressionPast,
  policy: SuppressionPolicy,
): SuppressionJudgement {
  if (verdict === null || !mayPointToRecipient({ verdict })) return no('not-the-recipient');
  // What expired was only ever put off (RFC 5321 §4.2.1): no receiver said that it is for good.
  if (hardBounce && kind !== 'expired' && hardVerdicts.has(verdict)) {
    if (!policy.hard) return no('switched-off');
    return { suppress: true, reason: 'bounced', because: 'hard', untilMs: null };
  }
  if (!softVerdicts.includes(verdict)) return no('not-the-recipient');
  if (policy.softCount === 0) return no('switched-off');
  if (past.softFailures(atMs - policy.softWindowMs, policy.softCount) < policy.softCount)
    return no('too-few');
  return { suppress: true, reason: 'bounced', because: 'soft', untilMs: atMs + policy.softRestMs };
}

function no(because: Extract<SuppressionJudgement, { suppress: false }>['because']): SuppressionJudgement {
  return { suppress: false, because };
}
