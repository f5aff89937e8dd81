import type { SendingDomain, SigningKey } from '../config/index.ts';

/** A record that somebody has to publish in the DNS. */
export type WantedRecord = {
  readonly purpose: 'dkim' | 'spf' | 'dmarc' | 'return-path';
  readonly type: 'TXT' | 'MX';
  readonly name: string;
  /** MX: `10 mail.example.jp`. */
  readonly value: string;
};

/** `unknown`: the DNS did not answer. `different`: something else stands there. */
export type RecordState = 'found' | 'missing' | 'different' | 'unknown';

export type RecordFinding = {
  readonly name: string;
  readonly type: WantedRecord['type'];
  readonly purpose: WantedRecord['purpose'];
  readonly state: RecordState;
  /** What stands there, at most five values of 500 characters. */
  readonly found: readonly string[];
};

/** A sending domain that was made while Todoku ran; it stands beside those of the configuration. */
export type StoredDomain = {
  readonly name: string;
  readonly returnPath: string;
  readonly dkim: readonly SigningKey[];
  readonly createdMs: number;
  /** When its DKIM records were last seen in the DNS; null: never, and nothing is sent for it. */
  readonly verifiedMs: number | null;
  readonly checkedMs: number | null;
  readonly findings: readonly RecordFinding[];
};

/** What is asked of a store; synchronous, like all of it. */
export interface DomainStore {
  find(name: string): StoredDomain | null;
  /** By name. */
  list(): readonly StoredDomain[];
  /** false: there is one of that name. */
  add(domain: Pick<StoredDomain, 'name' | 'returnPath' | 'dkim' | 'createdMs'>): boolean;
  /** What a look at the DNS found; `verified` stays when it was before and the DNS does not answer. */
  checked(
    name: string,
    findings: readonly RecordFinding[],
    at: { readonly atMs: number; readonly verified: boolean | null },
  ): void;
  remove(name: string): boolean;
  /** Another number after each change, whoever made it. */
  changes(): number;
}

/** As the rest of the product knows sending domains. */
export function asSendingDomain({ name, returnPath, dkim }: StoredDomain): SendingDomain {
  return { name, returnPath, dkim, unsubscribeUrl: null, sandbox: false };
}
