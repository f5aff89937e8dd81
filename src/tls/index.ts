export type { StoredSts, StsStore } from './ports.ts';
export { fetchStsPolicy, stsTimeoutMs } from './sts-fetch.ts';
export type { StsFetched, StsFetchOptions } from './sts-fetch.ts';
export { StsPolicies } from './sts-policies.ts';
export type { StsFinding, StsTrouble } from './sts-policies.ts';
export { stsLines, stsNamesHost } from './sts-policy.ts';
export type { StsPolicy } from './sts-policy.ts';
export { createTlsPolicies } from './tls-policies.ts';
export type { DomainTls, TlsFloor, TlsPolicySource, TlsRule } from './tls-policies.ts';
