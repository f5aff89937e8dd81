import type { Report } from './report.ts';

/** What became of the reports given: `passed` are complaints, which are no reports about a domain and are not kept. */
export type ReportsTaken = { readonly stored: number; readonly duplicates: number; readonly passed: number };

export type ReportKind = 'dmarc-aggregate' | 'dmarc-failure' | 'tls';

/** A kept report, without what it says. Times are milliseconds since 1970; null where the report does not say. */
export type StoredReport = {
  readonly kind: ReportKind;
  readonly org: string;
  readonly reportId: string;
  /** The domain it is about; of a TLS report the first policy's. */
  readonly domain: string;
  readonly beginMs: number | null;
  readonly endMs: number | null;
  /** Messages (DMARC) or sessions (TLS). */
  readonly messages: number;
  readonly storedMs: number;
};

export type ReportQuery = {
  /** The domain and those below it; null for all. */
  readonly domain: string | null;
  /** Reports whose time ends after this; null for all. */
  readonly sinceMs: number | null;
};

/** All records that are alike, over all reports asked for. */
export type DmarcTally = {
  readonly sourceIp: string;
  readonly headerFrom: string;
  readonly envelopeFrom: string;
  /** Passed and aligned, as the reporter evaluated it. */
  readonly dkimAligned: boolean;
  readonly spfAligned: boolean;
  readonly disposition: string;
  readonly signatures: readonly Signature[];
  readonly spfDomain: string;
  readonly spfResult: string;
  /** Why the policy was not applied: `forwarded`, `mailing_list`, … */
  readonly reasons: readonly string[];
  readonly messages: number;
  /** Days (UTC, from the end of the report's time) on which it was seen, `2026-11-23`. */
  readonly days: readonly string[];
  readonly reporters: number;
};

export type Signature = { readonly domain: string; readonly selector: string; readonly result: string };

export type DmarcTallies = {
  readonly reports: number;
  readonly reporters: readonly string[];
  readonly beginMs: number | null;
  readonly endMs: number | null;
  /** The policy of the newest report. */
  readonly policy: {
    readonly p: string | null;
    readonly sp: string | null;
    readonly pct: number | null;
  } | null;
  /** Most messages first. */
  readonly tallies: readonly DmarcTally[];
  /** Messages of what was left out because there was too much of it. */
  readonly leftOut: number;
};

export type TlsTally = {
  readonly policyDomain: string;
  readonly policyType: string;
  /** null: sessions that succeeded. */
  readonly resultType: string | null;
  readonly mxHost: string;
  readonly sessions: number;
  readonly reporters: number;
  readonly example: string;
};

export type TlsTallies = {
  readonly reports: number;
  readonly reporters: readonly string[];
  readonly beginMs: number | null;
  readonly endMs: number | null;
  readonly tallies: readonly TlsTally[];
};

/** Where reports are kept. Synchronous, as the DeliveryStore is. */
export interface ReportStore {
  /**
   * One durable transaction. The same report (kind, reporter, report id, domain, begin) is kept once, however it came.
   * Throws `StorageFull` when the disk takes nothing now.
   */
  take(reports: readonly Report[], atMs: number): ReportsTaken;
  /** Newest first, at most `limit` (1–1,000). */
  list(query: ReportQuery & { readonly limit: number }): readonly StoredReport[];
  dmarc(query: ReportQuery): DmarcTallies;
  tls(query: ReportQuery): TlsTallies;
}
