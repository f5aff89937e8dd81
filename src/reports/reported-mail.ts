import { readableValue, readMime } from '../protocol/mime/index.ts';
import { reportLimits } from './report-limits.ts';
import type { FeedbackReport } from './report.ts';

/** What the mail that a report is about says of itself. */
export type OriginalFacts = FeedbackReport['original'];

export const unknownOriginal: OriginalFacts = {
  message_id: null,
  from: null,
  to: null,
  subject: null,
  date: null,
};

/** Reads them from the mail, or from its header alone. */
export function originalFacts(mail: string): OriginalFacts {
  const { fields } = readMime(Buffer.from(mail.slice(0, reportLimits.headerCharacters), 'latin1'));
  const read = (name: string): string | null => {
    const value = fields.find((field) => field.name === name)?.value ?? '';
    const text = readableValue(value).replaceAll(/\s+/g, ' ').trim();
    return text === '' ? null : text.slice(0, reportLimits.textCharacters);
  };
  return {
    message_id: read('message-id'),
    from: read('from'),
    to: read('to'),
    subject: read('subject'),
    date: read('date'),
  };
}
