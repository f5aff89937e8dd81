import { yearOfHeader, yearOfSeparator } from '../stores/mail-date.ts';
import type { MboxMessage } from '../stores/mbox-scan.ts';

/** null: there is no year that can be believed; the mail stays. */
export function yearOf(message: MboxMessage, { thisYear }: { readonly thisYear: number }): number | null {
  // Clocks a day ahead at the turn of the year.
  const lastYear = thisYear + 1;
  // Octets before the first message are nobody's.
  if (message.separator === '') return null;
  return yearOfHeader(message.head, { lastYear }) ?? yearOfSeparator(message.separator, { lastYear });
}
