import type { Scope } from './key.ts';

// A record and not a list, so that a scope added to the union is a type error here.
const all: { readonly [Each in Scope]: Each } = {
  'messages:send': 'messages:send',
  'messages:read': 'messages:read',
  campaigns: 'campaigns',
  templates: 'templates',
  domains: 'domains',
  suppressions: 'suppressions',
  checks: 'checks',
  events: 'events',
  webhooks: 'webhooks',
};

/** Every scope, in the order of the documentation. */
export const scopes: readonly Scope[] = Object.values(all);
