/**
 * The form under which an address is looked up: two spellings that reach one mailbox give one key.
 * Takes a normalised address (`normaliseAddress(…).text`, `ImportedRecipient.address`).
 */
export function suppressionKey(address: string): string {
  // RFC 5321 §2.4 makes the local part case-sensitive, but "exploiting [it] … impedes interoperability": no provider
  // we send to does. Not sending is the safe side, so the key ignores case; sending keeps what was written.
  // NFC (RFC 6532 §3.1), since two encodings of one accented letter are one mailbox.
  return address.trim().normalize('NFC').toLowerCase();
}

/** The domain under which suppressions of a whole domain are looked up; a domain is its own. */
export function domainOfAddress(address: string): string {
  const key = suppressionKey(address);
  return key.slice(key.lastIndexOf('@') + 1);
}
