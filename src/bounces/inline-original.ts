import { mimeLimits, readHeader, type RawField } from '../protocol/mime/index.ts';

/** A report and the mail that came back, when both stand in one text. */
export type SplitText = { readonly report: string; readonly fields: readonly RawField[] };

// A rule across the page with words, or a line that ends in a colon, which says that the mail follows.
const announcement =
  /^[ \t>]*(?:[-=_*#]{2,}[ \t]*)?(?:(?:this is (?:a |the )?)?(?:below this line is (?:a |the )?)?(?:(?:included|here|enclosed|attached) (?:is|are) (?:a |the )?)?(?:a |the )?(?:copy of |(?:headers?|text|body|start|beginning|content|first part) of )?(?:(?:the|your|my|a) )?(?:(?:original|returned|undelivered|unsent|rejected|failed|bounced|undeliverable|offending|following|sent) )?(?:e-?mail |mail )?(?:message|mail|e-?mail)(?:[ -]?(?:header|headers|text|body|content|contents|source))?\b[^\n]{0,80}|original (?:header|headers|nachricht)[^\n]{0,60}|mensaje original[^\n]{0,40}|message (?:d['’]origine|original)[^\n]{0,40}|ursprüngliche (?:nachricht|kopfzeilen)[^\n]{0,60}|исходное (?:письмо|сообщение)[^\n]{0,40}|元の(?:メッセージ|メール)[^\n]{0,40}|原始(?:邮件|郵件)[^\n]{0,40}|(?:header|headers) (?:follow|of)[^\n]{0,60})[ \t]*(?:[-=_*#]{2,}|follows?\.?|:)?[ \t]*$/gim;

const mailField =
  /^(?:Received|Return-Path|Message-ID|Date|From|To|Subject|MIME-Version|Content-Type|DKIM-Signature|X-[\w-]+|Sender|Reply-To|Cc|Delivered-To|Content-Transfer-Encoding|User-Agent|References|In-Reply-To|Precedence|Importance|List-[\w-]+|Authentication-Results|ARC-[\w-]+)[ \t]*:/i;
const surelyMail = /^(?:Received|Return-Path|Message-ID|MIME-Version|DKIM-Signature|Content-Type)[ \t]*:/i;

/** Finds where the returned mail begins within a text: a header block, best after a line that announces it. */
export function splitInlineOriginal(text: string): SplitText {
  const plain = splitAtHeader(text);
  if (plain.fields.length > 0) return plain;
  // Some software indents the whole mail, or marks it as quoted, behind a line that announces it.
  const shifted = /^(?:[ \t]+|> ?)(?=(?:Received|Return-Path|Message-ID|From|To|Date|Subject)[ \t]*:)/im.exec(
    text,
  );
  if (shifted === null) return plain;
  const split = splitAtHeader(text.replaceAll(`\n${shifted[0]}`, '\n'), true);
  return split.fields.length === 0 ? plain : split;
}

function splitAtHeader(text: string, announcedOnly: boolean = false): SplitText {
  const lines = text.split('\n');
  let offset = 0;
  for (const [index, line] of lines.entries()) {
    if (mailField.test(line) && (index === 0 || !mailField.test(lines[index - 1] ?? ''))) {
      const sure = blockAt(lines, index);
      const announced = isAnnounced(lines, index);
      const enough = announcedOnly ? sure.certain > 0 && announced : sure.certain > 0 || announced;
      if (sure.fields >= (announced ? 2 : 3) && enough) {
        const { fields } = readHeader(text.slice(offset, offset + 65_536), 0, mimeLimits);
        return { report: text.slice(0, announcedFrom(lines, index, offset)), fields };
      }
    }
    offset += line.length + 1;
  }
  return { report: text, fields: [] };
}

/** How many header fields stand here in a row, and how many of them only mail has. */
function blockAt(lines: readonly string[], from: number): { fields: number; certain: number } {
  let fields = 0;
  let certain = 0;
  for (let index = from; index < lines.length && index < from + 60; index += 1) {
    const line = lines[index] ?? '';
    if (mailField.test(line)) {
      fields += 1;
      if (surelyMail.test(line)) certain += 1;
    } else if (!/^[ \t]+\S/.test(line) && !/^[A-Za-z][\w-]{0,60}:[ \t]/.test(line)) break;
  }
  return { fields, certain };
}

function isAnnounced(lines: readonly string[], index: number): boolean {
  return announcementBefore(lines, index) !== null;
}

function announcementBefore(lines: readonly string[], index: number): number | null {
  for (let back = index - 1; back >= 0 && back >= index - 4; back -= 1) {
    const line = (lines[back] ?? '').slice(0, 200);
    if (line.trim() === '' || /^[-=_*\s]+$/.test(line)) continue;
    announcement.lastIndex = 0;
    return announcement.test(line) ? back : null;
  }
  return null;
}

function announcedFrom(lines: readonly string[], index: number, offset: number): number {
  const back = announcementBefore(lines, index);
  if (back === null) return offset;
  let start = offset;
  for (let at = index - 1; at >= back; at -= 1) start -= (lines[at] ?? '').length + 1;
  return Math.max(0, start);
}
