/** A mailbox address in its parts (RFC 5321 §4.1.2). `domain` is ASCII (IDNA A-labels), lower case. */
export type Address = {
  /** Local part as meant, without quoting: `a..b` for `"a..b"@docomo.ne.jp`. */
  readonly localPart: string;
  readonly domain: string;
};
