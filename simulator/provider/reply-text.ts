import { fingerprint } from '../fingerprint.ts';
import type { MailboxAddress } from './mailbox-address.ts';

export type ReplyFacts = {
  readonly ip: string;
  readonly host: string;
  readonly recipient: MailboxAddress | null;
};

/** Fills the placeholders of a reply and joins its lines; {id} looks like a queue id and depends on the recipient alone. */
export function fillReply(lines: readonly string[], facts: ReplyFacts): string {
  const text = lines.join('\r\n');
  if (!text.includes('{')) return text;
  return text.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => fill(name, facts) ?? whole);
}

function fill(name: string, facts: ReplyFacts): string | null {
  switch (name) {
    case 'ip':
      return facts.ip;
    case 'host':
      return facts.host;
    case 'recipient':
      return facts.recipient?.full ?? '';
    case 'local':
      return facts.recipient?.localPart ?? '';
    case 'domain':
      return facts.recipient?.domain ?? '';
    case 'id':
      return fingerprint(facts.recipient?.full ?? facts.ip).toString(36);
    default:
      return null;
  }
}
