import { readHeader } from '../protocol/mime/index.ts';

// What delivery programs write above a mail when they put it into a mailbox: Postfix (Delivered-To, X-Original-To), Exim
// (Envelope-To), qmail and Dovecot (Delivered-To), fetchmail and Plesk (X-Envelope-To), Cyrus (X-Original-Delivered-To).
const written = ['delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-original-delivered-to'];
// What the sender of the mail wrote: a bounce is addressed to the return path itself.
const addressed = ['to', 'cc', 'resent-to'];

// Trace fields stand at the top; 64 KB is more than any header that was delivered.
const headerOctets = 65_536;
const bounds = { fields: 200, valueChars: 2_000, headerChars: headerOctets };
// One delivery each; a list of many is not a bounce's.
const mostAddresses = 20;

/**
 * The addresses that a mail without envelope may have come to, most telling first. Anybody can write them, so only a sealed
 * return path among them proves anything.
 */
export function envelopeTraces(mail: Uint8Array): readonly string[] {
  const top = Buffer.from(mail.buffer, mail.byteOffset, Math.min(mail.length, headerOctets)).toString(
    'latin1',
  );
  const { fields } = readHeader(top.replaceAll(/\r\n?/g, '\n'), 0, bounds);
  const found = new Set<string>();
  for (const name of [...written, ...addressed]) {
    for (const { value } of fields.filter((field) => field.name === name)) {
      for (const [, address = ''] of value.matchAll(/([^\s<>,;:"]{1,64}@[^\s<>,;:"()]{1,255})/g))
        found.add(address);
    }
  }
  for (const { value } of fields.filter((field) => field.name === 'received')) {
    // RFC 5321 §4.4: `for <address>` in the trace of the last relay.
    const [, address] = /\bfor\s+<?([^\s<>;]{1,64}@[^\s<>;]{1,255})/i.exec(value) ?? [];
    if (address !== undefined) found.add(address);
  }
  return [...found].slice(0, mostAddresses);
}
