export type { AddressFault, BadAddress } from './address-fault.ts';
export { normaliseAddress } from './address.ts';
export type { GoodAddress } from './address.ts';
export type { ListEncoding } from './encoding.ts';
export { importRecipients } from './import.ts';
export type {
  ImportedRecipient,
  ImportListener,
  ImportOptions,
  ImportSummary,
  RejectedRow,
} from './recipient.ts';
export { createRejectedWriter } from './rejected-writer.ts';
export type { RejectedWriter } from './rejected-writer.ts';
export { exportSuppressions, importSuppressions } from './suppression-list.ts';
export type { SuppressionImport } from './suppression-list.ts';
export { suppressionKey } from './suppression.ts';
export type {
  Suppression,
  SuppressionPage,
  SuppressionQuery,
  SuppressionReason,
  SuppressionRemoval,
  SuppressionStore,
} from './ports.ts';
