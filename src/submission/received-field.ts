import { isIPv6 } from 'node:net';
import { formatDate, tokenField } from '../protocol/message/index.ts';
import type { Submission, SubmissionRules } from './ports.ts';

// What stands in a field that others parse: a name or an address literal, nothing else.
const plainHelo =
  /^(?:[a-z0-9_](?:[a-z0-9_.-]{0,250}[a-z0-9_])?|\[[0-9a-f.:]{2,45}\]|\[ipv6:[0-9a-f.:]{2,45}\])$/i;

/** The trace line of this hop (RFC 5321 §4.4), with its CRLF. No `for`: it would show who had a Bcc. */
export function receivedField(submission: Submission, rules: SubmissionRules, id: string): string {
  const { client, nowMs } = submission;
  const from = rules.hideClient || client.address === null ? [] : fromTokens(client.helo, client.address);
  const date = formatDate(nowMs);
  return `${
    tokenField('Received', [...from, `by ${rules.hostname}`, `with ${client.protocol}`, `id ${id};`, date])
      .line
  }\r\n`;
}

function fromTokens(helo: string, address: string): readonly string[] {
  // RFC 5321 §4.1.3
  const literal = isIPv6(address) ? `[IPv6:${address}]` : `[${address}]`;
  return [`from ${plainHelo.test(helo) ? helo : 'unknown'}`, `(${literal})`];
}
