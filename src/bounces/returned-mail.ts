import type { Classification } from '../replies/index.ts';

/** What came back, understood. */
export type ReturnedMail = {
  /** 'none': an ordinary mail. 'notice': a success, relayed or expanded DSN, or a read receipt. */
  readonly kind: 'bounce' | 'delay' | 'notice' | 'complaint' | 'auto-reply' | 'none';
  /** Which reader understood it: `dsn`, `arf`, `qmail`, `exim`, `json-ses`, `plain-text` …; null for 'none'. */
  readonly form: string | null;
  /** One for each recipient; empty for 'none'. */
  readonly reports: readonly RecipientReport[];
  /** What is known of the mail that came back. */
  readonly original: OriginalMail | null;
};

/** What became of the mail for its recipient: RFC 3464 §2.3.3, and what complaints and auto-replies say. */
export type ReportedAction =
  | 'failed'
  | 'delayed'
  | 'delivered'
  | 'relayed'
  | 'expanded'
  | 'complained'
  | 'replied';

export type RecipientReport = Omit<Classification, 'action'> & {
  /** The address that failed, as it was sent to where that can be known; null when the mail does not tell. */
  readonly recipient: string | null;
  /** After forwarding or an alias, when different. */
  readonly finalRecipient: string | null;
  readonly action: ReportedAction | null;
  readonly replyCode: number | null;
  /**
   * RFC 3463, as the mail has it; `5.0.0` or `4.0.0` (§3.1: "the only undefined status code") where it has none and only
   * the class is known; null for complaints and auto-replies.
   */
  readonly status: string | null;
  /** RFC 5965 §3.1: `abuse`, `opt-out`, `auth-failure`, …; null for all but complaints. */
  readonly feedbackType: string | null;
  /** The receiver's own words, one line, at most 1,000 characters. */
  readonly said: string;
  /** What helps, in one word for programs. */
  readonly remedy: Classification['action'];
  readonly remoteHost: string | null;
  readonly reportingHost: string | null;
};

/** The mail that came back, as far as the returned mail shows it. */
export type OriginalMail = {
  /** Without angle brackets. */
  readonly messageId: string | null;
  readonly returnPath: string | null;
  readonly from: string | null;
  readonly to: readonly string[];
  readonly subject: string | null;
  /** At most 100, names in lower case. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
};

/** What a reader found of one recipient before it was judged. */
export type RecipientFacts = {
  readonly recipient: string | null;
  readonly finalRecipient: string | null;
  readonly action: ReportedAction | null;
  readonly replyCode: number | null;
  readonly status: string | null;
  /** Texts that may say why, the surest first. */
  readonly words: readonly string[];
  readonly remoteHost: string | null;
  readonly reportingHost: string | null;
};

/** The address that refused in the end, which is what bounce lists and tests of other analysers name. */
export function failedAddress(report: RecipientReport): string | null {
  return report.finalRecipient ?? report.recipient;
}
