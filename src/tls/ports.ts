/** A policy as it was fetched, so that it counts for as long as it says (RFC 8461 §3.3), over restarts too. */
export type StoredSts = {
  readonly id: string;
  /** The file. */
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly fetchedMs: number;
  readonly untilMs: number;
};

/** Where MTA-STS policies are kept. Synchronous, as the delivery store is. */
export interface StsStore {
  load(domain: string): StoredSts | null;
  save(domain: string, policy: StoredSts): void;
}

/** RFC 8460 §4.3. */
export type TlsResultType =
  | 'starttls-not-supported'
  | 'certificate-host-mismatch'
  | 'certificate-expired'
  | 'certificate-not-trusted'
  | 'validation-failure'
  | 'tlsa-invalid'
  | 'dnssec-invalid'
  | 'sts-policy-fetch-error'
  | 'sts-policy-invalid'
  | 'sts-webpki-invalid';

export const tlsPolicyTypes = ['tlsa', 'sts', 'no-policy-found'] as const;

/** Sessions of a day that are alike. */
export type TlsCount = {
  /** UTC, `2026-11-24`. */
  readonly day: string;
  readonly policyDomain: string;
  readonly policyType: (typeof tlsPolicyTypes)[number];
  /** The policy as it was applied: TLSA records, or lines of the MTA-STS policy. */
  readonly policy: readonly string[];
  /** null: they succeeded. */
  readonly result: TlsResultType | null;
  readonly mxHost: string;
  /** Empty where there is none. */
  readonly receivingIp: string;
  readonly sendingIp: string;
  readonly reason: string;
  readonly sessions: number;
};

/** What became of the report of a day for a domain. */
export type TlsReportState = {
  readonly day: string;
  readonly domain: string;
  /** `unwanted`: the domain asks for none. */
  readonly state: 'open' | 'sent' | 'unwanted' | 'failed';
  readonly tries: number;
  readonly atMs: number | null;
  /** Where it went, or why it did not. */
  readonly detail: string;
  readonly sessions: number;
  readonly failures: number;
};

/** Where sessions are counted, and what was reported. Synchronous. */
export interface TlsCountStore {
  /** One transaction. Throws `StorageFull` when the disk takes nothing now. */
  add(counts: readonly TlsCount[]): void;
  of(day: string, domain: string): readonly TlsCount[];
  /** Newest day first, at most 1,000; `day` null: all. */
  reports(day: string | null): readonly TlsReportState[];
  /** Days before `day` that are not reported yet, oldest first, at most 1,000. */
  open(day: string): readonly TlsReportState[];
  settle(report: Pick<TlsReportState, 'day' | 'domain' | 'state' | 'detail'>, atMs: number): void;
  /** Counts and reports of days before `day` are no longer kept. */
  forget(day: string): void;
}
