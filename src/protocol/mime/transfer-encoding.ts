/** Undoes a Content-Transfer-Encoding (RFC 2045 §6); octets as characters in, octets out. Never throws. */
export function decodeTransfer(body: string, encoding: string, atMostOctets: number): Buffer {
  switch (encoding) {
    case 'base64':
      // Node skips what is not of the alphabet, as RFC 2045 §6.8 asks; four characters give three octets, line ends apart.
      return Buffer.from(
        body.slice(0, Math.ceil((atMostOctets * 4) / 3) + Math.ceil(atMostOctets / 32)),
        'base64',
      ).subarray(0, atMostOctets);
    case 'quoted-printable':
      return Buffer.from(decodeQuotedPrintable(body.slice(0, 3 * atMostOctets)), 'latin1').subarray(
        0,
        atMostOctets,
      );
    default:
      return Buffer.from(body.slice(0, atMostOctets), 'latin1');
  }
}

/** RFC 2045 §6.7; an `=` that begins nothing stays. */
export function decodeQuotedPrintable(text: string): string {
  if (!text.includes('=')) return text;
  return text
    .replaceAll(/=[ \t]{0,100}\n/g, '')
    .replaceAll(/=([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
