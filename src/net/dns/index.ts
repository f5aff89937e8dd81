export type {
  DnsAnswer,
  MxRecord,
  Resolver,
  ResolverOptions,
  ServiceResolver,
  SrvRecord,
} from './contract.ts';
export { hostAddresses, mailHosts } from './mail-hosts.ts';
export type { HostAddresses, MailHost, MailHosts } from './mail-hosts.ts';
export { givingUp } from './patient-resolver.ts';
export { createResolver } from './resolver.ts';
export { addressKey, reverseName } from './reverse-name.ts';
