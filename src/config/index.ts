export { endpointText, originText } from './config.ts';
export type {
  Config,
  DeliveryRoute,
  DeliveryTlsPolicy,
  Endpoint,
  BlocklistAccount,
  ImapMailbox,
  Origin,
  SendingDomain,
  SigningAlgorithm,
  SigningKey,
  Source,
} from './config.ts';
export { loadConfig, readConfig } from './load.ts';
export type { ConfigReading, ConfigSource, EffectiveValue } from './load.ts';
export { configReference } from './reference.ts';
export { readSigningKey } from './signing-key.ts';
