import type { OriginalMail, RecipientFacts, ReportedAction } from '../returned-mail.ts';

/** What a sending service reports of one mail, before it is judged. */
export type Notification = {
  /** `json-ses`, `json-sendgrid`, … */
  readonly form: string;
  readonly facts: readonly RecipientFacts[];
  /** Set for complaints. */
  readonly feedbackType: string | null;
  readonly original: OriginalMail | null;
};

/** A recipient's facts with what services usually tell; the rest is unknown. */
export function factsOf(known: {
  readonly recipient: string | null;
  readonly action: ReportedAction;
  readonly status?: string | null;
  readonly replyCode?: number | null;
  readonly words?: readonly (string | null)[];
  readonly remoteHost?: string | null;
  readonly reportingHost?: string | null;
}): RecipientFacts {
  const words = (known.words ?? []).filter((text) => text !== null && text !== '');
  return {
    recipient: known.recipient,
    finalRecipient: null,
    action: known.action,
    replyCode: known.replyCode ?? null,
    status: /^[245]\.\d{1,3}\.\d{1,3}$/.exec(known.status ?? '')?.[0] ?? null,
    words: words.filter((text): text is string => text !== null).map((text) => text.slice(0, 8_192)),
    remoteHost: known.remoteHost ?? null,
    reportingHost: known.reportingHost ?? null,
  };
}

/** What services tell of the mail itself. */
export function originalOf(
  known: Partial<Omit<OriginalMail, 'headers'>> & { readonly headers?: OriginalMail['headers'] },
): OriginalMail {
  return {
    messageId: known.messageId?.replaceAll(/[<>\s]/g, '') ?? null,
    returnPath: known.returnPath ?? null,
    from: known.from ?? null,
    to: known.to ?? [],
    subject: known.subject ?? null,
    headers: known.headers ?? [],
  };
}
