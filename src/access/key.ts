/** What a key may do. `messages:send` is also what SMTP submission needs. */
export type Scope =
  | 'messages:send'
  | 'messages:read'
  | 'campaigns'
  | 'templates'
  | 'domains'
  | 'suppressions'
  | 'checks'
  | 'events'
  | 'webhooks';

/** A key without its secret. Bearer token and SMTP password are the same text, `tdk_<id>_<secret>`; the store has its SHA-256. */
export type AccessKey = {
  /** `k-…` */
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** config `domains[].name` that it may send for and look at; null: all. */
  readonly domains: readonly string[] | null;
  /** Test mode: what it sends is captured. */
  readonly sandbox: boolean;
  /** Requests a minute; null: the default of the configuration. */
  readonly requestsPerMinute: number | null;
  readonly createdMs: number;
  readonly revokedMs: number | null;
};

export type KeyRequest = Pick<AccessKey, 'name' | 'scopes' | 'domains' | 'sandbox' | 'requestsPerMinute'>;

/** `token` is shown once and kept nowhere. */
export type MadeKey = { readonly key: AccessKey; readonly token: string };

export interface KeyStore {
  /** `digest`: SHA-256 of the token. */
  add(key: AccessKey, digest: Buffer): void;
  find(id: string): { readonly key: AccessKey; readonly digest: Buffer } | null;
  list(): readonly AccessKey[];
  /** false: there is none, or it was revoked before. */
  revoke(id: string, atMs: number): boolean;
}
