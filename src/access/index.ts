export type { AccessKey, KeyRequest, KeyStore, MadeKey, Scope } from './key.ts';
export { allows, allowsDomain, createGate } from './gate.ts';
export type { Gate } from './gate.ts';
export { makeKey } from './make-key.ts';
export type { KeyMaking } from './make-key.ts';
export { createRateLimiter } from './rate-limiter.ts';
export type { RateAnswer, RateLimiter } from './rate-limiter.ts';
export { scopes } from './scopes.ts';
