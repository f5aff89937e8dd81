export { composeDsn } from './compose-dsn.ts';
export type { ComposedDsn } from './compose-dsn.ts';
export type { DsnAction, DsnFacts, DsnRecipient } from './dsn.ts';
