export { openStore } from './open-store.ts';
export type { StoreOptions } from './open-store.ts';
export type { OutcomeCount, ReasonCount } from './outcome-counts.ts';
export type { ReturnedStore } from './returned-store.ts';
export type { ReportStore, Store } from './store.ts';
