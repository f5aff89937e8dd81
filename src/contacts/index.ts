export { normaliseAddress } from './address.ts';
export { createCsvFile, guarded } from './csv-file.ts';
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
export {
  defaultSuppressionPolicy,
  judgeSuppression,
  mayPointToRecipient,
  softVerdicts,
} from './suppression-policy.ts';
export type {
  SuppressionJudgement,
  SuppressionNews,
  SuppressionPast,
  SuppressionPolicy,
} from './suppression-policy.ts';
export { domainOfAddress, suppressionKey } from './suppression.ts';
export type {
  NewSuppression,
  Suppression,
  SuppressionReach,
  SuppressionReason,
  SuppressionRecord,
  SuppressionRemoval,
  SuppressionScope,
  SuppressionStore,
} from './ports.ts';
