import { findControl, textField, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import type { ComposeFailure } from './compose-failure.ts';
import { faultAt } from './compose-failure.ts';

// An application's own fields; a mail program writes about ten.
const mostFields = 50;
const longestValueChars = 4_000;
// RFC 5322 §2.2 lets a name be any printable character but colon; 40 keep the name and an encoded word on one line.
const fieldName = /^[A-Za-z][A-Za-z0-9-]{0,39}$/;
// RFC 5322 §2.1.1: 998 characters a line; a token cannot be folded inside.
const longestTokenChars = 900;

// What Todoku writes itself, what the request has a place of its own for, and what would say something false about the way.
const ours = new Set([
  'from', 'to', 'cc', 'bcc', 'reply-to', 'subject', 'date', 'message-id', 'sender', 'mime-version', 'return-path', 'received',
  'dkim-signature', 'delivered-to', 'x-original-to', 'authentication-results', 'received-spf', 'apparently-to',
]); // prettier-ignore
const oursBegin = /^(?:content-|arc-|resent-|x-todoku-)/;
// Fields of tokens: an encoded word may not stand in them (RFC 2047 §5), and they fold between tokens only.
const structured =
  /^(?:in-reply-to|references|list-[a-z-]+|auto-submitted|precedence|importance|priority|x-priority|feedback-id|x-auto-response-suppress|disposition-notification-to|return-receipt-to|errors-to)$/;

/** The fields that the application adds; what stands in them starts no other field. */
export function extraFields(
  headers: Readonly<Record<string, string>>,
): readonly HeaderField[] | ComposeFailure {
  const entries = Object.entries(headers);
  if (entries.length > mostFields)
    return faultAt('headers', {
      ja: `ヘッダーが多すぎます(${entries.length} 個、上限 ${mostFields} 個)`,
      en: `${entries.length} header fields are more than the limit of ${mostFields}`,
    });
  const fields: HeaderField[] = [];
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    // RFC 5322 §3.6: most may stand once only, and two spellings are the same field.
    if (seen.has(name.toLowerCase()))
      return faultAt(`headers/${name.slice(0, 60)}`, {
        ja: `${name} が 2 回あります(大文字と小文字は区別しません)`,
        en: `${name} stands twice (upper and lower case are the same)`,
      });
    seen.add(name.toLowerCase());
    const field = extraField(name, value);
    if ('failure' in field) return field;
    fields.push(field);
  }
  return fields;
}

function extraField(name: string, value: string): HeaderField | ComposeFailure {
  const shown = JSON.stringify(name.slice(0, 60));
  const at = `headers/${name.slice(0, 60)}`;
  if (!fieldName.test(name))
    return faultAt(at, {
      ja: `${shown} はヘッダー名として使えません(英数字とハイフン、40 文字まで)`,
      en: `${shown} cannot be a header name (letters, digits and hyphens, at most 40)`,
    });
  const key = name.toLowerCase();
  if (ours.has(key) || oursBegin.test(key))
    return faultAt(at, {
      ja: `${name} は Todoku が付けるため指定できません`,
      en: `${name} is written by Todoku and cannot be given`,
    });
  const control = findControl(value);
  if (control !== null)
    return faultAt(at, {
      ja: `${name} の値に改行などの制御文字(${control.name})が入っています`,
      en: `the value of ${name} holds a control character (${control.name})`,
    });
  if (value.length > longestValueChars)
    return faultAt(at, {
      ja: `${name} の値が長すぎます(上限 ${longestValueChars} 文字)`,
      en: `the value of ${name} is longer than ${longestValueChars} characters`,
    });
  return structured.test(key) ? structuredField(name, value) : textField(name, value);
}

function structuredField(name: string, value: string): HeaderField | ComposeFailure {
  const tokens = value.split(' ').filter((token) => token !== '');
  if (
    tokens.length > 0 &&
    tokens.every((token) => /^[\x21-\x7e]+$/.test(token) && token.length <= longestTokenChars)
  )
    return tokenField(name, tokens);
  return faultAt(`headers/${name}`, {
    ja: `${name} の値は空でない ASCII で、空白を含まない部分は ${longestTokenChars} 文字までです`,
    en: `the value of ${name} must be ASCII and not empty, with no part over ${longestTokenChars} characters`,
  });
}
