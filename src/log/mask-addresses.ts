// RFC 5321 §4.1.2: a local part is a quoted string or atoms; RFC 6531 adds everything beyond ASCII. In a line of JSON the quotes of a
// quoted string are escaped. What is masked too much (text that runs into an address) harms nobody.
const address = /(\\"(?:\\\\\\\\|\\\\\\"|[^"\\]){1,128}\\"|[^\s"'<>()[\]:;,\\@]{1,256})@(?=[^\s"'<>()\\@])/gu;

/** The text with the local parts of all mail addresses left out but for their first character: `t***@example.jp`. */
export function maskAddresses(text: string): string {
  if (!text.includes('@')) return text;
  return text.replace(address, (_, local: string) => `${first(local)}***@`);
}

/** Of a quoted one: nothing. */
function first(local: string): string {
  return local.startsWith('\\') ? '' : String.fromCodePoint(local.codePointAt(0) ?? 0x2a);
}
