import { isShown } from '../compose/index.ts';
import type { MailRequest, MailStamp } from '../compose/index.ts';
import { atEndOfBody, carrierText, escaped, splitNote, withLinkHtml, withLinkText } from './link-words.ts';
import type { ShownLink } from './link-words.ts';
import type { PlannedGroup } from './plan.ts';

export type GroupMail = {
  readonly group: PlannedGroup;
  /** 0: the first mail. */
  readonly number: number;
  readonly linked: {
    readonly links: ReadonlyMap<number, ShownLink>;
    readonly expiresMs: number;
    readonly hasPassword: boolean;
  };
  readonly first: MailStamp;
};

/** What the recipients of a group get as their mail of that number, as a request of its own. */
export function requestsOf(request: MailRequest, { group, number, linked, first }: GroupMail): MailRequest {
  const files = new Set(group.mails[number]);
  const carried = request.attachments.filter((_, index) => files.has(index));
  const of = group.mails.length;
  const subject = of === 1 ? request.subject : `${request.subject} (${number + 1}/${of})`;
  if (number > 0)
    return {
      ...request,
      subject,
      html: null,
      text: carrierText(number + 1, of),
      headers: { ...withoutThread(request.headers), References: `<${first.id}@${first.domain}>` },
      attachments: carried.map((each) => ({ ...each, contentId: null, inline: false })),
    };
  // In the order of the request, with the files that the HTML shows.
  const attachments = request.attachments.filter(
    (each, index) => files.has(index) || isShown(each, request.html),
  );
  const own = { ...request, subject, attachments };
  if (of > 1) return withNote(own, splitNote(of));
  const links = group.linked.flatMap((index) => linked.links.get(index) ?? []);
  if (links.length === 0) return own;
  const facts = { links, expiresMs: linked.expiresMs, hasPassword: linked.hasPassword };
  const html = request.html === null ? null : withLinkHtml(request.html, facts);
  // With HTML alone the text is made of it, links included.
  const text = request.text === null && html !== null ? null : withLinkText(request.text ?? '', facts);
  return { ...own, html, text };
}

function withNote(request: MailRequest, note: string): MailRequest {
  const { html, text } = request;
  return {
    ...request,
    html: html === null ? null : atEndOfBody(html, `\n<hr><p>${escaped(note)}</p>\n`),
    text: text === null && html !== null ? null : `${(text ?? '').trimEnd()}\n\n----\n${note}\n`,
  };
}

function withoutThread(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(?:references|in-reply-to)$/i.test(name)),
  );
}
