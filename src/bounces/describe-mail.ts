import type { Knowledge } from '../knowledge/index.ts';
import { adviceFor, type Advice } from '../replies/index.ts';
import { failedAddress, type RecipientReport, type ReturnedMail } from './returned-mail.ts';

/** One line of `todoku classify --json FILE`: one recipient of one mail. */
export type MailDescription = {
  readonly file: string;
  /** Which mail of the file, from 1. */
  readonly mail: number;
  /** Which recipient of the mail, from 1. */
  readonly index: number;
  readonly kind: ReturnedMail['kind'];
  readonly form: string | null;
  /** The address that refused in the end. */
  readonly recipient: string | null;
  /** The address it was sent to, where the mail tells that it was another. */
  readonly sentTo: string | null;
  readonly action: string | null;
  readonly replyCode: string | null;
  readonly status: string | null;
  readonly verdict: string | null;
  readonly detail: string | null;
  readonly hardBounce: boolean;
  readonly feedbackType: string | null;
  readonly provider: string | null;
  readonly rule: string | null;
  readonly confidence: number;
  readonly party: string | null;
  readonly said: string | null;
  readonly remoteHost: string | null;
  readonly messageId: string | null;
  readonly advice: { readonly ja: Advice; readonly en: Advice } | null;
};

type Place = { readonly file: string; readonly mail: number };

/** What a mail says, as lines for people and programs; an ordinary mail gives one line without a verdict. */
export function describeMail(
  mail: ReturnedMail,
  place: Place,
  knowledge: Knowledge,
): readonly MailDescription[] {
  if (mail.reports.length === 0) return [{ ...place, ...undescribed, kind: mail.kind, form: mail.form }];
  return mail.reports.map((report, at) => ({
    ...place,
    ...described(report, mail, knowledge),
    index: at + 1,
  }));
}

function described(
  report: RecipientReport,
  mail: ReturnedMail,
  knowledge: Knowledge,
): Omit<MailDescription, keyof Place | 'index'> {
  const { action, verdict, detail, provider, party } = report;
  const state = action === 'failed' ? 'bounced' : action === 'delayed' ? 'waiting' : null;
  return {
    kind: mail.kind,
    form: mail.form,
    recipient: failedAddress(report),
    sentTo: report.finalRecipient === null ? null : report.recipient,
    action,
    replyCode: report.replyCode === null ? null : String(report.replyCode),
    status: report.status,
    verdict,
    detail,
    hardBounce: report.hardBounce,
    feedbackType: report.feedbackType,
    provider,
    rule: report.rule,
    confidence: report.confidence,
    party,
    said: report.said === '' ? null : report.said,
    remoteHost: report.remoteHost,
    messageId: mail.original?.messageId ?? null,
    advice: adviceFor({ verdict, detail, provider, party, ...(state === null ? {} : { state }) }, knowledge),
  };
}

const undescribed = {
  index: 1,
  recipient: null,
  sentTo: null,
  action: null,
  replyCode: null,
  status: null,
  verdict: null,
  detail: null,
  hardBounce: false,
  feedbackType: null,
  provider: null,
  rule: null,
  confidence: 0,
  party: null,
  said: null,
  remoteHost: null,
  messageId: null,
  advice: null,
} as const;
