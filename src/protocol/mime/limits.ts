/** How much of a stranger's mail is read. */
export type MimeLimits = {
  /** Octets from the start; what follows is not looked at. */
  readonly octets: number;
  /** Parts within parts. */
  readonly depth: number;
  /** Parts in all. */
  readonly parts: number;
  /** Fields of one header. */
  readonly fields: number;
  /** Characters of one header; what follows counts as body. */
  readonly headerChars: number;
  /** Characters of one field's value, after unfolding. */
  readonly valueChars: number;
};

/**
 * What a returned mail needs: reports come first and the returned mail last, so that of a mail of 10 MB the first 2 MiB
 * say all. Real mails nest at most 5 deep (a forwarded bounce of a forwarded mail) and have under 100 fields.
 */
export const mimeLimits: MimeLimits = {
  octets: 2 * 1_024 * 1_024,
  depth: 16,
  parts: 200,
  fields: 500,
  headerChars: 256 * 1_024,
  valueChars: 8_192,
};
