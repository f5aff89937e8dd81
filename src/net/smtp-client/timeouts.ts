import type { SmtpTimeouts } from './contract.ts';

const minuteMs = 60_000;

/** The minimum times of RFC 5321 §4.5.3.2, which a client SHOULD have. */
export const defaultTimeouts: SmtpTimeouts = {
  // RFC 5321 leaves it to TCP, which gives up after some two minutes; Postfix's smtp_connect_timeout is 30 s.
  connectMs: 30_000,
  bannerMs: 5 * minuteMs, // §4.5.3.2.1: initial 220
  commandMs: 5 * minuteMs, // §4.5.3.2.2 and .3: MAIL and RCPT
  dataMs: 2 * minuteMs, // §4.5.3.2.4: DATA initiation
  blockMs: 3 * minuteMs, // §4.5.3.2.5: data block
  eomMs: 10 * minuteMs, // §4.5.3.2.6: data termination
};
