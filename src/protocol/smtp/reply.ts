/** One SMTP reply as received (RFC 5321 §4.2), continuation lines joined. */
export type Reply = {
  /** Three-digit reply code, 200–599. */
  readonly code: number;
  /** Enhanced status code of the first line (RFC 2034, RFC 3463), e.g. `5.1.1`; null when the server sends none. */
  readonly status: string | null;
  /** The text of each line after the code and separator, undecoded bytes as latin1 or UTF-8; the enhanced code stays in. */
  readonly lines: readonly string[];
  /** Present when the lines carried different codes (RFC 5321 §4.2.1 forbids it); `code` is the last line's. */
  readonly codesDiffer?: true;
};

/** The whole reply as one string, `550 5.1.1 line one line two`: what rules match and people read. */
export function replyText(reply: Reply): string {
  return `${reply.code} ${reply.lines.join(' ')}`;
}
