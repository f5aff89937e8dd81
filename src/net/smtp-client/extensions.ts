import type { Reply } from '../../protocol/smtp/index.ts';
import type { Extensions } from './contract.ts';

/** What a server offers that was greeted with HELO. */
export const noExtensions: Extensions = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  chunking: false,
  startTls: false,
  requireTls: false,
  sizeOctets: null,
};

/** Reads the EHLO reply (RFC 5321 §4.1.1.1): first line the greeting, then one keyword a line, in any case. */
export function readExtensions(reply: Reply): Extensions {
  const words = reply.lines.slice(1).map((line) =>
    line
      .trim()
      .toUpperCase()
      .split(/[ \t]+/),
  );
  const keywords = new Set(words.map(([keyword]) => keyword));
  return {
    pipelining: keywords.has('PIPELINING'), // RFC 2920
    eightBitMime: keywords.has('8BITMIME'), // RFC 6152
    smtpUtf8: keywords.has('SMTPUTF8'), // RFC 6531
    chunking: keywords.has('CHUNKING'), // RFC 3030
    startTls: keywords.has('STARTTLS'), // RFC 3207
    requireTls: keywords.has('REQUIRETLS'), // RFC 8689
    sizeOctets: readSize(words.find(([keyword]) => keyword === 'SIZE')?.[1]),
  };
}

/** RFC 1870 §4: no number, or 0, means that no limit is announced. */
function readSize(parameter: string | undefined): number | null {
  if (parameter === undefined || !/^\d{1,20}$/.test(parameter)) return null;
  return Number(parameter) || null;
}
