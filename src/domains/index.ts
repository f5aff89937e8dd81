export type { DomainStore, RecordFinding, RecordState, StoredDomain, WantedRecord } from './domain.ts';
export { createLiveDomains } from './live-domains.ts';
export type { LiveDomains } from './live-domains.ts';
export { makeDomain } from './make-domain.ts';
export { recordsOf } from './records.ts';
export type { RecordFacts } from './records.ts';
export { findRecords, isVerified } from './verify.ts';
