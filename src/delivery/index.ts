export type {
  Composer,
  DeliveryStore,
  MessageRow,
  PathHold,
  QueuedMessage,
  Reader,
  Settlement,
} from './ports.ts';
