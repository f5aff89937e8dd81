import type { Mail } from './mail.ts';
import type { Tell } from './telling.ts';
import { exampleLines } from './telling.ts';

/** The largest mail that a provider takes. */
export type SizeLimit = { readonly provider: string; readonly octets: number; readonly from: string };

// Gmail shows about this much of the HTML and a link to the rest; not published by Google, known of the field.
const gmailShowsOctets = 102 * 1_024;

/** Whether it is taken, and shown, as a whole. */
export function checkSize(mail: Mail, tell: Tell, limits: readonly SizeLimit[]): void {
  const htmlOctets = Buffer.byteLength(mail.html ?? '');
  if (htmlOctets > gmailShowsOctets)
    tell('gmail-clips', {
      evidence: `${kilobytes(htmlOctets)} > ${kilobytes(gmailShowsOctets)}`,
      values: { size: kilobytes(htmlOctets) },
    });
  const tooSmall = limits.filter(({ octets }) => mail.bytes.length > octets);
  if (tooSmall.length > 0)
    tell('too-large', {
      evidence: exampleLines(
        tooSmall.map(({ provider, octets, from }) => `${provider}: ${kilobytes(octets)} (${from})`),
      ),
      values: {
        size: kilobytes(mail.bytes.length),
        providers: tooSmall.map(({ provider }) => provider).join(', '),
      },
    });
}

function kilobytes(octets: number): string {
  return `${Math.ceil(octets / 1_024).toLocaleString('en')} KB`;
}
