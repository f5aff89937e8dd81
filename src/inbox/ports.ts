/** Which captured messages were taken out of the inbox. They stay in the ledger and under `why`. */
export interface InboxStore {
  /** true when it was there until now. `messageId`: the row of the message table. */
  remove(messageId: number): boolean;
  isRemoved(messageId: number): boolean;
}
