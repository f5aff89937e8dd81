/** A block list took one of our sources or domains in, or let it go: append-only. */
export type ListingEvent = {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  /** IP address or domain. */
  readonly subject: string;
  /** Id in knowledge/blocklists.yaml. */
  readonly list: string;
  readonly change: 'listed' | 'delisted';
  /** What the list answered, or had answered until then: `127.0.0.2, 127.0.0.4`. */
  readonly answer: string;
  /** Delisted: since when it had been listed. */
  readonly sinceMs: number | null;
};
