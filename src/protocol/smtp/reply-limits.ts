/** Bounds on one reply, against servers that never stop. */
export type ReplyLimits = {
  readonly lineOctets: number;
  readonly lines: number;
  readonly replyOctets: number;
};

/**
 * RFC 5321 §4.5.3.1.5 allows 512 octets a line; real servers exceed it with long URLs and trace texts, so four times
 * that. The longest replies in the field are EHLO lists and policy texts of some twenty lines.
 */
export const defaultReplyLimits: ReplyLimits = { lineOctets: 2048, lines: 128, replyOctets: 64 * 1024 };
