export { startDnsServer } from './server.ts';
export type { DnsFault, DnsServer, DnsServerOptions } from './server.ts';
export { createZone } from './zone.ts';
export type { Zone, ZoneAnswer, ZoneRecord } from './zone.ts';
