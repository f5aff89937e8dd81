/**
 * A place in the feed. Its rows are events, but for one that stands for the acceptance of a whole campaign: `within` then
 * counts on, two for each message of it.
 */
export type Position = { readonly seq: number; readonly within: number | null };

/** Before the first event. */
export const beginning: Position = { seq: 0, within: null };

/** An event's id and its cursor are the same text: reading goes on behind it. No full stop: it is signed (Standard Webhooks). */
export function positionText({ seq, within }: Position): string {
  return within === null ? `e-${seq.toString(36)}` : `e-${seq.toString(36)}-${within.toString(36)}`;
}

/** null: no text of ours. */
export function parsePosition(text: string): Position | null {
  const match = /^e-([0-9a-z]{1,11})(?:-([0-9a-z]{1,11}))?$/.exec(text);
  if (match === null) return null;
  const seq = Number.parseInt(match[1] ?? '', 36);
  const within = match[2] === undefined ? null : Number.parseInt(match[2], 36);
  const isSafe = Number.isSafeInteger(seq) && (within === null || Number.isSafeInteger(within));
  return isSafe ? { seq, within } : null;
}

/** Negative: `a` is before `b`. The whole of a row comes behind what is within it. */
export function comparePositions(a: Position, b: Position): number {
  if (a.seq !== b.seq) return a.seq - b.seq;
  if (a.within === b.within) return 0;
  return (a.within ?? Number.POSITIVE_INFINITY) - (b.within ?? Number.POSITIVE_INFINITY);
}
