import { tokenField } from '../message/index.ts';
import type { HeaderField } from '../message/index.ts';

export type FeedbackIdParts = {
  readonly campaign: string;
  readonly domain: string;
  /** What kind of mail: `campaign`, `transactional`. */
  readonly stream: string;
};

// Google, "Feedback loop" (support.google.com/a/answer/6254652): Feedback-ID: a:b:c:SenderId, at most four fields; SenderId
// is the same for all mail of a sender, 5–15 characters.
const senderId = 'todoku';

/** The value `campaign:domain:stream:todoku` that Gmail's feedback loop counts complaints by. */
export function formatFeedbackId({ campaign, domain, stream }: FeedbackIdParts): string {
  return [campaign, domain, stream].map(fieldText).concat(senderId).join(':');
}

/** A colon would shift the fields; white space and non-ASCII would fold or be encoded and so differ in the report. */
function fieldText(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9._-]/g, '-').slice(0, 60);
}

/** null for a value that is not of that form. */
export function feedbackIdField(value: string): HeaderField | null {
  const fields = value.split(':');
  const formed = fields.length <= 4 && fields.at(-1) !== '' && /^[\x21-\x7e]{1,250}$/.test(value);
  return formed ? tokenField('Feedback-ID', [value]) : null;
}
