import type { MailRecord, MailStore } from '../outbox/index.ts';
import type { InboxStore } from './ports.ts';
import { readCaptured } from './read-captured.ts';
import type { CapturedMail } from './read-captured.ts';

export type InboxParts = { readonly mails: MailStore; readonly removed: InboxStore };

/** Whose messages may be seen: config `domains[].name`; null: all. */
export type InboxDomains = readonly string[] | null;

export type InboxPage = { readonly messages: readonly MailRecord[]; readonly next: string | null };

export interface Inbox {
  /** Newest first. `cursor`: `next` of an earlier page. */
  list(
    filter: { readonly domains: InboxDomains; readonly address: string | null },
    page: { readonly limit: number; readonly cursor: string | null },
  ): InboxPage;
  /** `m-…` or `m-….1`: what of it is in the inbox. */
  find(id: string, domains: InboxDomains): readonly MailRecord[];
  /** The bytes; null: no longer kept. */
  source(message: MailRecord): Buffer | null;
  /** Read in its parts; null: no longer kept. */
  read(message: MailRecord): CapturedMail | null;
  /** How many were taken out. */
  remove(id: string, domains: InboxDomains): number;
}

// A page of removed messages only is passed over, but not without end.
const mostPages = 20;

export function createInbox({ mails, removed }: InboxParts): Inbox {
  const isThere = ({ sandbox, messageId }: MailRecord): boolean => sandbox && !removed.isRemoved(messageId);
  const find = (id: string, domains: InboxDomains): readonly MailRecord[] =>
    mails.find(id).filter((each) => isThere(each) && (domains === null || domains.includes(each.domain)));
  const source = ({ body }: MailRecord): Buffer | null => (body === null ? null : mails.body(body));
  return {
    list({ domains, address }, { limit, cursor }) {
      const filter = { domains, sandbox: true, ...(address === null ? {} : { address }) };
      const messages: MailRecord[] = [];
      let next = cursor;
      for (let pages = 0; pages < mostPages && messages.length < limit; pages += 1) {
        const page = mails.list(filter, { limit: limit - messages.length, cursor: next });
        messages.push(...page.messages.filter(isThere));
        next = page.next;
        if (next === null) break;
      }
      return { messages, next };
    },
    find,
    source,
    read(message) {
      const bytes = source(message);
      return bytes === null ? null : readCaptured(bytes);
    },
    remove: (id, domains) => find(id, domains).filter(({ messageId }) => removed.remove(messageId)).length,
  };
}
