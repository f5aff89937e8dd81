import type { MailAttachment } from '../compose/index.ts';
import type { MessageRequest } from './contract/message.ts';
import type { Fault } from './problem.ts';

type Given = NonNullable<MessageRequest['attachments']>;

// RFC 4648 §4, with line breaks as encoders leave them. Linear: one class, then the end.
const base64 = /^[A-Za-z0-9+/\r\n]*={0,2}[\r\n]*$/;

/** Attachments out of base64; Node alone would skip over what is none, and a damaged file would go out. */
export function attachmentsOf(given: Given | undefined): readonly MailAttachment[] | Fault {
  const attachments: MailAttachment[] = [];
  for (const [index, { filename, content, contentType, contentId, inline }] of (given ?? []).entries()) {
    const bytes = base64.test(content) ? Buffer.from(content, 'base64') : null;
    if (bytes === null || !isWhole(content, bytes.length)) {
      return {
        field: `attachments/${index}/content`,
        detail: { ja: 'base64 として読めません', en: 'is not base64' },
        cure: {
          ja: 'RFC 4648 §4 の base64（URL 用ではない方）にしてください',
          en: 'encode it as base64 of RFC 4648 §4, not the URL-safe kind',
        },
      };
    }
    attachments.push({
      filename,
      contentType: contentType ?? null,
      content: bytes,
      contentId: contentId ?? null,
      inline: inline ?? false,
    });
  }
  return attachments;
}

/** A text that was cut off has a length that no encoder makes: one character over. */
function isWhole(text: string, octets: number): boolean {
  let letters = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== 61 && code !== 13 && code !== 10) letters++;
  }
  return letters % 4 !== 1 && Math.floor((letters * 3) / 4) === octets;
}
