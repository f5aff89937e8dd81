import { oneLine } from './control-characters.ts';

// RFC 2045 §5.1 token
const token = /^[A-Za-z0-9!#$%&'*+\-.^_`{|}~]+$/;
// RFC 2231 §7 attribute-char
const plainInExtended = /^[A-Za-z0-9!#$&+\-.^_`{|}~]$/;
const quotable = /^[\x20-\x7e]*$/;
// `  name*12*=…;` has to stay under 78 characters (RFC 5322 §2.1.1).
const longestPartChars = 50;

/**
 * A parameter of a structured field such as `filename="x.pdf"`: one piece, or several continuations (RFC 2231 §3) that may be
 * folded between. Join with `; `.
 */
export function formatParameter(name: string, value: string): readonly string[] {
  const text = oneLine(value);
  if (token.test(text) && text.length <= longestPartChars) return [`${name}=${text}`];
  if (quotable.test(text) && text.length <= longestPartChars) {
    return [`${name}="${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`];
  }
  const parts = extendedParts(text);
  if (parts.length === 1) return [`${name}*=utf-8''${parts[0] ?? ''}`];
  // RFC 2231 §4.1: charset and language stand in the first part only.
  return parts.map((part, index) => `${name}*${index}*=${index === 0 ? "utf-8''" : ''}${part}`);
}

function extendedParts(text: string): readonly string[] {
  const parts: string[] = [];
  let part = '';
  for (const character of text) {
    const encoded = plainInExtended.test(character) ? character : percentEncode(character);
    if (part.length + encoded.length > longestPartChars) {
      parts.push(part);
      part = '';
    }
    part += encoded;
  }
  return [...parts, part];
}

function percentEncode(character: string): string {
  let out = '';
  for (const octet of Buffer.from(character, 'utf8')) {
    out += `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return out;
}
