export type { AccessKey, KeyRequest, KeyStore, MadeKey, Scope } from './key.ts';
