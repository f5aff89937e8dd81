// What a crash can send twice: outcomes on their way to the disk, shared by the carriers (src/delivery/carrier.ts), and
// messages handed to sessions whose reply is not here yet.
const mostUnacknowledged = 200;
const leastPerCarrier = 64;
/** Messages that a session takes at a time (src/net/smtp-client/session.ts). */
const messagesPerSession = 2;

export type Width = { readonly threads: number; readonly connectionsPerPath: number };

/** Most messages that the receiver has and the record has not, for one site and one source (docs/durability.md). */
export function mostTwice({ threads, connectionsPerPath }: Width): number {
  const unacknowledged = Math.max(mostUnacknowledged, threads * leastPerCarrier);
  return unacknowledged + connectionsPerPath * messagesPerSession;
}
