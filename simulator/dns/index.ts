export { startDnsServer } from './server.ts';
export type { DnsFault, DnsServer } from './server.ts';
export { createZone } from './zone.ts';
export type { ZoneRecord } from './zone.ts';
