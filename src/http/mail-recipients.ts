import { domainOfAddress, normaliseAddress, suppressionKey } from '../contacts/index.ts';
import type { NewMailRecipient } from '../outbox/index.ts';
import type { MessageRequest } from './contract/message.ts';
import type { Fault } from './problem.ts';

// As the outbox takes of one mail.
const mostRecipients = 1_000;

export function asList(given: string | readonly string[] | undefined): readonly string[] {
  if (given === undefined) return [];
  return typeof given === 'string' ? [given] : given;
}

/** Everybody in To, Cc and Bcc, each once. */
export function recipientsOf(
  request: Pick<MessageRequest, 'to' | 'cc' | 'bcc'>,
): readonly NewMailRecipient[] | Fault {
  const seen = new Set<string>();
  const recipients: NewMailRecipient[] = [];
  for (const name of ['to', 'cc', 'bcc'] as const) {
    const given = request[name];
    for (const [index, text] of asList(given).entries()) {
      const read = normaliseAddress(text);
      if (!read.ok) {
        const field = typeof given === 'string' ? name : `${name}/${index}`;
        return { field, detail: read.reason };
      }
      const key = suppressionKey(read.text);
      if (seen.has(key)) continue;
      seen.add(key);
      const domain = domainOfAddress(read.text);
      recipients.push({ address: read.text, domain, body: 0, notice: null });
    }
  }
  if (asList(request.to).length === 0)
    return { field: 'to', detail: { ja: '宛先が 1 件必要です', en: 'at least one recipient is needed' } };
  if (recipients.length <= mostRecipients) return recipients;
  return {
    field: 'to',
    detail: {
      ja: `宛先は合わせて ${mostRecipients} 件までです`,
      en: `at most ${mostRecipients} recipients in all`,
    },
    cure: {
      ja: 'キャンペーン（POST /v1/campaigns）を使ってください',
      en: 'use a campaign: POST /v1/campaigns',
    },
  };
}
