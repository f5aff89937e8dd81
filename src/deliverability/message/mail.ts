import { bodyText, mimeLimits, rawValue, readableValue, readMime } from '../../protocol/mime/index.ts';
import type { MimePart } from '../../protocol/mime/index.ts';
import { viewHtml } from './html-view.ts';
import type { HtmlView } from './html-view.ts';

/** A mail as its checks look at it: read once, nothing decoded twice. */
export type Mail = {
  readonly bytes: Buffer;
  readonly root: MimePart;
  /** Parts that hold no others; those of a mail within the mail are not looked into. */
  readonly leaves: readonly MimePart[];
  readonly subject: string;
  /** The HTML that is shown, decoded; null: there is none. */
  readonly html: string | null;
  readonly view: HtmlView | null;
  /** The plain text that is shown, decoded; null: there is none. */
  readonly text: string | null;
  /** What a person reads: the visible words of the HTML, or else the text. */
  readonly words: string;
  /** It goes to many: by its own header, or because we were told. */
  readonly isBulk: boolean;
};

// Gmail takes 25 MB and Outlook.com less; what is larger arrives nowhere, and is told of by its size alone.
const mostOctets = 40 * 1_024 * 1_024;
// Ten times what Gmail shows of a mail (check-size.ts).
const mostTextOctets = 1_024 * 1_024;

export function readMail(bytes: Buffer, options: { readonly bulk: boolean }): Mail {
  const root = readMime(bytes, { ...mimeLimits, octets: mostOctets });
  const leaves = leavesOf(root);
  const shown = leaves.filter((part) => !isAttachment(part));
  const htmlPart = shown.find(({ mediaType }) => mediaType === 'text/html');
  const textPart = shown.find(({ mediaType }) => mediaType === 'text/plain');
  const html = htmlPart === undefined ? null : bodyText(htmlPart, mostTextOctets);
  const text = textPart === undefined ? null : bodyText(textPart, mostTextOctets);
  const view = html === null ? null : viewHtml(html);
  return {
    bytes,
    root,
    leaves,
    subject: readableValue(rawValue(root.fields, 'subject') ?? ''),
    html,
    view,
    text,
    words: view?.text ?? text ?? '',
    isBulk: options.bulk || looksBulk(root),
  };
}

/** Values of all fields of that name, octets as characters. */
export function valuesOf(mail: Mail, name: string): readonly string[] {
  return mail.root.fields.filter((field) => field.name === name).map(({ value }) => value);
}

export function isAttachment(part: MimePart): boolean {
  const disposition = rawValue(part.fields, 'content-disposition') ?? '';
  return /^\s*attachment/i.test(disposition);
}

/** A file name as written in Content-Disposition or Content-Type; empty: none. */
export function fileNameOf(part: MimePart): string {
  const disposition = rawValue(part.fields, 'content-disposition') ?? '';
  const [, quoted, bare] =
    /filename\*?(?:0\*?)?=(?:"([^"]{1,300})"|([^;\s]{1,300}))/i.exec(disposition) ?? [];
  return readableValue(quoted ?? bare ?? part.parameters.get('name') ?? '');
}

function leavesOf(part: MimePart): readonly MimePart[] {
  if (part.mediaType.startsWith('message/')) return [part];
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
}

// RFC 2919 (List-Id), RFC 2369 (List-Unsubscribe), RFC 3834 §3.1.8 (Precedence), Feedback-ID of Gmail's loop.
function looksBulk({ fields }: MimePart): boolean {
  if (fields.some(({ name }) => ['list-id', 'list-unsubscribe', 'feedback-id'].includes(name))) return true;
  return /^\s*(?:bulk|list|junk)\s*$/i.test(rawValue(fields, 'precedence') ?? '');
}
