export { isUsableTlsa, matchesTlsa, tlsaText } from './tlsa.ts';
export type { TlsaRecord } from './tlsa.ts';
