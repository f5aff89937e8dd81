// RFC 5322 §3.6.4: msg-id = "<" id-left "@" id-right ">", both dot-atom-text in what we make and accept.
const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const dotAtom = `${atom}(?:\\.${atom})*`;
const messageId = new RegExp(`^<${dotAtom}@${dotAtom}>$`);
// RFC 5322 §2.1.1 allows 998 for a line; 250 leaves it whole on one line and in every index.
const longestChars = 250;

/** true for `<left@right>` in the plain form of RFC 5322 §3.6.4. */
export function isMessageId(text: string): boolean {
  return text.length <= longestChars && messageId.test(text);
}

/** `<left@domain>`; parts that do not fit are a bug of the caller. */
export function formatMessageId(left: string, domain: string): string {
  const text = `<${left}@${domain}>`;
  if (!isMessageId(text)) throw new TypeError(`not a Message-ID: ${JSON.stringify(text)}`);
  return text;
}
