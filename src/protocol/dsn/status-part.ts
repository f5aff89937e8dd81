import { formatDate } from '../message/index.ts';
import type { DsnFacts, DsnRecipient } from './dsn.ts';
import { typedAddress, typedOriginal } from './typed-address.ts';

// RFC 5322 §2.1.1; words of a reply are folded well before it.
const foldAfter = 70;
const longestDiagnosticCharacters = 1_000;

/** The body of message/delivery-status (RFC 3464 §2.1): ASCII, each line with its CRLF. */
export function statusPart(facts: DsnFacts): string {
  const ofMessage = [
    // RFC 3464 §2.2.1: the ENVID as it was given, decoded.
    ...(facts.envelopeId === null ? [] : [`Original-Envelope-Id: ${asciiWords(facts.envelopeId)}`]),
    `Reporting-MTA: dns; ${facts.reportingHost}`,
    `Arrival-Date: ${formatDate(facts.arrivalMs)}`,
  ];
  return [ofMessage, ...facts.recipients.map(recipientFields)]
    .map((fields) => fields.map((field) => `${field}\r\n`).join(''))
    .join('\r\n');
}

function recipientFields(recipient: DsnRecipient): readonly string[] {
  const { address, originalRecipient, action, status, remoteHost, said, lastAttemptMs, retryUntilMs } =
    recipient;
  const original = originalRecipient === null ? null : typedOriginal(originalRecipient);
  return [
    ...(original === null ? [] : [`Original-Recipient: ${original}`]),
    `Final-Recipient: ${typedAddress(address)}`,
    `Action: ${action}`,
    `Status: ${status}`,
    ...(remoteHost === null ? [] : [`Remote-MTA: dns; ${asciiWords(remoteHost)}`]),
    // RFC 3464 §2.3.6: only what a server said by SMTP has this type; our own words have one of ours (§2.1.2).
    ...(said === null
      ? []
      : [folded(`Diagnostic-Code: ${said.smtp ? 'smtp' : 'x-todoku'}; ${asciiWords(said.text)}`)]),
    ...(lastAttemptMs === null ? [] : [`Last-Attempt-Date: ${formatDate(lastAttemptMs)}`]),
    ...(retryUntilMs === null ? [] : [`Will-Retry-Until: ${formatDate(retryUntilMs)}`]),
  ];
}

/** One line of printable ASCII: what strangers said must not become a field of its own. */
function asciiWords(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/[^\u0020-\u007e]/gu, '?')
    .slice(0, longestDiagnosticCharacters)
    .trim();
}

function folded(field: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of field.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > foldAfter) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\r\n ');
}
