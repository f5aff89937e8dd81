import type { Refusal } from '../net/smtp-server/index.ts';
import { formatAddress, parseMailboxList } from '../protocol/message/index.ts';
import { valueOf } from './header-block.ts';
import type { HeaderLine } from './header-block.ts';
import { permittedDomain } from './permission.ts';
import type { Submission, SubmissionRules } from './ports.ts';
import { refusals } from './refusals.ts';

export type AuthorCheck =
  | { readonly ok: true; readonly author: string; readonly domain: string }
  | { readonly ok: false; readonly refusal: Refusal };

// RFC 5322 §3.6.2 allows several authors; more than a handful is no letter.
const mostAuthors = 10;

/** Everyone in From, and Sender where there is one, must be of a domain that the key may send for. */
export function checkAuthors(
  fields: readonly HeaderLine[],
  { key }: Pick<Submission, 'key'>,
  { sendingDomain }: SubmissionRules,
): AuthorCheck {
  const from = fields.find(({ name }) => name === 'from');
  const authors = from === undefined ? null : parseMailboxList(valueOf(from));
  const first = authors?.[0];
  if (authors === null || first === undefined || authors.length > mostAuthors)
    return { ok: false, refusal: refusals.noAuthor };
  const permits = (domain: string): string | null => permittedDomain(key, domain, sendingDomain);
  const domain = permits(first.address.domain);
  if (domain === null || !authors.every(({ address }) => permits(address.domain) !== null))
    return { ok: false, refusal: refusals.foreignAuthor };
  const sender = fields.find(({ name }) => name === 'sender');
  const senders = sender === undefined ? [] : parseMailboxList(valueOf(sender));
  // Mail programs show it ("on behalf of"), so it is as good as a From.
  if (senders === null || !senders.every(({ address }) => permits(address.domain) !== null))
    return { ok: false, refusal: refusals.foreignSubmitter };
  return { ok: true, author: formatAddress(first.address), domain };
}
