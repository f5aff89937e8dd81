// What a crash can send twice, per carrier: outcomes on their way to the disk (src/delivery/carrier.ts), and messages
// handed to sessions whose reply is not here yet.
const mostUnacknowledged = 400;
/** Messages that a session takes at a time (src/net/smtp-client/session.ts). */
const messagesPerSession = 2;

export type Width = { readonly threads: number; readonly connectionsPerPath: number };

/** Most messages that the receiver has and the record has not, for one site and one source. */
export function mostTwice({ threads, connectionsPerPath }: Width): number {
  // A site with a short queue has one owner with all the connections, before it is split among the carriers.
  return threads * (mostUnacknowledged + connectionsPerPath * messagesPerSession);
}
