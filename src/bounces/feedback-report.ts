import { addressesIn, firstAddress } from './address-text.ts';
import { subjectOf, type Anatomy } from './anatomy.ts';
import { rawValue } from '../protocol/mime/index.ts';
import { fieldOf, readGroups, type FieldGroup } from './status-fields.ts';

/** A complaint: RFC 5965, and the forms that came before it. */
export type FeedbackFacts = {
  readonly feedbackType: string;
  readonly recipients: readonly string[];
  readonly remoteHost: string | null;
  readonly reportingHost: string | null;
  readonly words: string;
  readonly form: string;
};

/** Reads a complaint; null when the mail is none. */
export function readFeedback(anatomy: Anatomy): FeedbackFacts | null {
  // Apple Mail's button sends this instead of a mail that a person would write.
  if (rawValue(anatomy.mail.fields, 'x-apple-unsubscribe') !== null) return optOut(anatomy);
  const text = anatomy.feedbackText ?? feedbackWithin(anatomy.words);
  if (text !== null) return fromFields(text, anatomy);
  return withoutFields(anatomy);
}

function optOut(anatomy: Anatomy): FeedbackFacts {
  const from = firstAddress(rawValue(anatomy.mail.fields, 'from'));
  return {
    feedbackType: 'opt-out',
    recipients: from === null ? [] : [from],
    remoteHost: null,
    reportingHost: null,
    words: anatomy.words,
    form: 'unsubscribe',
  };
}

function fromFields(text: string, anatomy: Anatomy): FeedbackFacts | null {
  const group = mergedGroups(text);
  // RFC 5965 §3.1: Feedback-Type is required; without it the part is no report.
  const feedbackType = /^[a-z][\w-]*/i.exec(fieldOf(group, 'feedback-type') ?? '')?.[0]?.toLowerCase();
  if (feedbackType === undefined) return null;
  const named = ['original-rcpt-to', 'removal-recipient', 'x-original-rcpt-to', 'redacted-address']
    .flatMap((name) => group.get(name) ?? [])
    .flatMap((value) => addressesIn(value).map(({ address }) => address));
  return {
    feedbackType,
    recipients: named.length > 0 ? named : originalRecipients(anatomy),
    remoteHost: fieldOf(group, 'source-ip'),
    reportingHost: fieldOf(group, 'reporting-mta')?.replace(/^.*;\s*/, '') ?? null,
    words: anatomy.words,
    form: 'arf',
  };
}

function mergedGroups(text: string): FieldGroup {
  const merged = new Map<string, readonly string[]>();
  for (const group of readGroups(text))
    for (const [name, values] of group) merged.set(name, [...(merged.get(name) ?? []), ...values]);
  return merged;
}

/** The fields in plain text, where a gateway flattened the report. */
function feedbackWithin(words: string): string | null {
  const start = /^Feedback-Type:[ \t]*[a-z]/im.exec(words)?.index;
  if (start === undefined) return null;
  const block = words.slice(Math.max(0, start - 2_000), start + 8_000);
  return /^(?:User-Agent|Version|Original-Mail-From|Source-IP):/im.test(block) ? block : null;
}

// Complaints older than ARF: a sentence for people and the mail behind it.
const complaintWords =
  /\b(?:this is an? (?:e-?mail )?(?:abuse|spam) (?:report|complaint)|abuse report for an? e-?mail|has (?:been )?(?:complained|marked (?:it |this |your )?(?:message |mail )?as (?:spam|junk))|spam complaint|complaint about (?:a )?message|marked .{0,40}as (?:spam|junk)|reported (?:this|your|the).{0,40}as (?:spam|junk))/i;

function withoutFields(anatomy: Anatomy): FeedbackFacts | null {
  if (anatomy.originalFields.length === 0 || anatomy.statusTexts.length > 0) return null;
  const subject = subjectOf(anatomy);
  const junkReporter = rawValue(anatomy.originalFields, 'x-hmxmroriginalrecipient');
  const says =
    complaintWords.test(anatomy.words.slice(0, 2_000)) || /^complaint about message from \d/i.test(subject);
  if (junkReporter === null && !(says && reportsForOthers(anatomy))) return null;
  const named = firstAddress(junkReporter);
  return {
    feedbackType: 'abuse',
    recipients: named === null ? originalRecipients(anatomy) : [named],
    remoteHost: /\b\d{1,3}(?:\.\d{1,3}){3}\b/.exec(subject)?.[0] ?? null,
    reportingHost: null,
    words: anatomy.words,
    form: 'complaint',
  };
}

/** A person who forwards junk is no feedback loop: those are machines, or carry the mail as a part. */
function reportsForOthers(anatomy: Anatomy): boolean {
  const from = rawValue(anatomy.mail.fields, 'from') ?? '';
  return (
    anatomy.originalPart !== null &&
    /abuse|feedback|fbl|complain|staff|postmaster|scomp|report|spam|daemon/i.test(from)
  );
}

function originalRecipients(anatomy: Anatomy): readonly string[] {
  for (const name of [
    'to',
    'x-original-to',
    'delivered-to',
    'x-envelope-to',
    'envelope-to',
    'x-apparently-to',
  ]) {
    const found = anatomy.originalFields
      .filter((field) => field.name === name)
      .flatMap((field) => addressesIn(field.value));
    if (found.length > 0) return found.map(({ address }) => address);
  }
  return [];
}
