export { normaliseAddress } from './address.ts';
export { importRecipients } from './import.ts';
export type {
  ImportedRecipient,
  ImportListener,
  ImportOptions,
  ImportSummary,
  RejectedRow,
} from './recipient.ts';
export { createRejectedWriter } from './rejected-writer.ts';
export { exportSuppressions, importSuppressions } from './suppression-list.ts';
export { suppressionKey } from './suppression.ts';
export type { Suppression, SuppressionReason, SuppressionRemoval, SuppressionStore } from './ports.ts';
