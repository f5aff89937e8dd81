import {
  bodyText,
  headerText,
  rawValue,
  readHeader,
  mimeLimits,
  type MimePart,
  type RawField,
} from '../protocol/mime/index.ts';
import { splitInlineOriginal } from './inline-original.ts';
import { wordsOfHtml } from './html-text.ts';

/** A returned mail taken apart into what speaks and what came back. */
export type Anatomy = {
  readonly mail: MimePart;
  /** What the reporting software wrote for people, without the mail that came back. */
  readonly words: string;
  /** The same with what follows the report in the same text. */
  readonly fullWords: string;
  /** Bodies of message/delivery-status, or what looks like one in the text. */
  readonly statusTexts: readonly string[];
  /** Body of message/feedback-report. */
  readonly feedbackText: string | null;
  /** Body of message/disposition-notification. */
  readonly dispositionText: string | null;
  /** Header of the mail that came back. */
  readonly originalFields: readonly RawField[];
  /** The mail that came back, when it is a part of its own. */
  readonly originalPart: MimePart | null;
};

// A report for people is a few KB; one of 30 KB was never seen.
const mostWordsOctets = 32 * 1_024;
const mostStatusOctets = 256 * 1_024;

type Draft = {
  words: string[];
  html: string[];
  statusTexts: string[];
  feedbackText: string | null;
  dispositionText: string | null;
  originalPart: MimePart | null;
  originalFields: readonly RawField[];
};

/** Sorts the parts of a mail. */
export function takeApart(mail: MimePart): Anatomy {
  const draft: Draft = {
    words: [],
    html: [],
    statusTexts: [],
    feedbackText: null,
    dispositionText: null,
    originalPart: null,
    originalFields: [],
  };
  sort(mail, draft);
  const text = draft.words.join('\n\n');
  const spoken = text.trim() === '' ? wordsOfHtml(draft.html.join('\n')) : text;
  const { report, fields } = splitInlineOriginal(withoutLinks(spoken));
  const status = draft.statusTexts.length === 0 ? statusWithin(spoken) : null;
  return {
    mail,
    words: report,
    fullWords: spoken,
    statusTexts: status === null ? draft.statusTexts : [status],
    feedbackText: draft.feedbackText,
    dispositionText: draft.dispositionText,
    originalFields: draft.originalFields.length > 0 ? draft.originalFields : fields,
    originalPart: draft.originalPart,
  };
}

function sort(part: MimePart, draft: Draft): void {
  switch (part.mediaType) {
    case 'message/delivery-status':
    case 'message/global-delivery-status':
    case 'message/xdelivery-status':
    case 'message/delivery-report':
      draft.statusTexts.push(bodyText(part, mostStatusOctets));
      return;
    case 'message/feedback-report':
      draft.feedbackText ??= bodyText(part, mostStatusOctets);
      return;
    case 'message/disposition-notification':
    case 'message/global-disposition-notification':
      draft.dispositionText ??= bodyText(part, mostStatusOctets);
      return;
    case 'message/rfc822':
    case 'message/global':
      takeOriginal(draft, part.parts[0]?.fields ?? [], part.parts[0] ?? null);
      return;
    case 'text/rfc822-headers':
    case 'text/rfc822-header':
    case 'message/rfc822-headers':
    case 'message/global-headers':
    case 'text/rfc822':
    case 'message/partial':
      takeOriginal(draft, readHeader(bodyText(part, mostWordsOctets), 0, mimeLimits).fields, null);
      return;
    default:
      sortOther(part, draft);
  }
}

function sortOther(part: MimePart, draft: Draft): void {
  if (part.parts.length > 0) {
    for (const child of part.parts) sort(child, draft);
    return;
  }
  if (draft.originalFields.length > 0 && draft.words.length > 0) {
    // What stands behind the returned mail is its broken tail, or a signature.
    return;
  }
  if (part.mediaType === 'text/html') draft.html.push(bodyText(part, mostWordsOctets));
  else if (speaks(part)) draft.words.push(bodyText(part, mostWordsOctets));
}

function speaks(part: MimePart): boolean {
  if (part.mediaType.startsWith('text/') || part.mediaType.startsWith('multipart/')) return true;
  // A mail without a readable type is text; an attachment without a type is not.
  return !part.mediaType.includes('/') || rawValue(part.fields, 'content-disposition') === null
    ? part.mediaType.startsWith('message/')
    : false;
}

function takeOriginal(draft: Draft, fields: readonly RawField[], part: MimePart | null): void {
  if (draft.originalFields.length > 0 || fields.length === 0) return;
  draft.originalFields = fields;
  draft.originalPart = part;
}

/** `Final-Recipient:` and its kin in plain text: a report whose MIME was lost on the way. */
function statusWithin(text: string): string | null {
  const start = /^(?:Reporting-MTA|Final-Recipient|Original-Recipient):/im.exec(text)?.index;
  if (start === undefined) return null;
  const rest = text.slice(start);
  return /^Final-Recipient:.*\S/im.test(rest) && /^(?:Action|Status):/im.test(rest)
    ? rest.slice(0, 20_000)
    : null;
}

/** Exchange and others write `a@b<mailto:a@b>`: once is enough. Where the link alone has the address, it stays. */
function withoutLinks(text: string): string {
  if (!text.includes('mailto:')) return text;
  return text.replaceAll(
    /[<[(]mailto:([^>\])\n?]{0,300})[^>\])\n]{0,300}[>\])]/gi,
    (_, address: string, at: number) =>
      text.slice(Math.max(0, at - nearLinkChars), at).includes(address) ? '' : `<${address}>`,
  );
}

/** So far before its link an address stands as text, with a name between. */
const nearLinkChars = 400;

// RFC 5322 §2.1.1 has lines of 78 characters; what a subject says, it says in the first of them.
const longestSubjectChars = 500;

/** The subject for people, bounded. */
export function subjectOf({ mail }: Anatomy): string {
  return (headerText(mail, 'subject') ?? '').slice(0, longestSubjectChars);
}
