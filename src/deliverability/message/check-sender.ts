import { getDomain } from 'tldts';
import { readableValue } from '../../protocol/mime/index.ts';
import { readAddressList } from './address-list.ts';
import type { Mail } from './mail.ts';
import { valuesOf } from './mail.ts';
import type { Tell } from './telling.ts';

/** Who it says it is from: one address, under a name that does not pose as another. */
export function checkSender(mail: Mail, tell: Tell, freeMail: ReadonlySet<string>): void {
  const [from] = valuesOf(mail, 'from');
  if (from === undefined || from.trim() === '') return;
  const authors = readAddressList(from);
  const [author] = authors;
  if (authors.length > 1)
    tell('several-authors', { subject: 'From', evidence: `From: ${readableValue(from)}` });
  if (author === undefined || !/^[^\s@]+@[^\s@]+$/.test(author.address)) {
    tell('from-unreadable', { subject: 'From', evidence: `From: ${readableValue(from)}` });
    return;
  }
  const name = readableValue(author.name);
  const named = /[\w.+-]{1,64}@([\w-]{1,63}(?:\.[\w-]{1,63}){1,8})/.exec(name)?.[1];
  if (named !== undefined && !isSame(named, author.domain))
    tell('name-poses', { subject: 'From', evidence: `From: ${readableValue(from)}` });
  const [replyTo] = valuesOf(mail, 'reply-to');
  const elsewhere = readAddressList(replyTo ?? '').find(
    ({ domain }) => domain !== '' && !isSame(domain, author.domain),
  );
  if (elsewhere !== undefined)
    tell('reply-elsewhere', {
      subject: 'Reply-To',
      evidence: `From: ${author.address}\nReply-To: ${elsewhere.address}`,
    });
  if (mail.isBulk && freeMail.has(author.domain))
    tell('free-mail-sender', {
      subject: 'From',
      evidence: author.address,
      values: { domain: author.domain },
    });
}

/** Of the same organization, as far as names show. */
function isSame(one: string, other: string): boolean {
  return (getDomain(one) ?? one) === (getDomain(other) ?? other);
}
