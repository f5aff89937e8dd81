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
export { suppressionKey } from './suppression.ts';
export type {
  Suppression,
  SuppressionPage,
  SuppressionQuery,
  SuppressionReason,
  SuppressionRemoval,
  SuppressionStore,
} from './ports.ts';
