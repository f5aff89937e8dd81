/**
 * The reports that others send about a domain, as values. Field names are those of the documents they come in: the XML
 * of RFC 9990 (formerly RFC 7489 appendix C), the fields of RFC 5965 and RFC 6591 in snake_case, the JSON of RFC 8460.
 * Domains are as sent, IP addresses in their
 * canonical form (RFC 5952; in TLS reports as sent). What a report does not say is null or an empty list. Texts are at most 1,000 characters.
 */
export type Report = AggregateReport | FeedbackReport | TlsReport;

/** DMARC aggregate report. Times are seconds since 1970. Words are in lower case. */
export type AggregateReport = {
  readonly kind: 'dmarc-aggregate';
  /** That of the report's format, 1 and 2 seen so far. */
  readonly version: number | null;
  readonly report_metadata: {
    readonly org_name: string | null;
    readonly email: string | null;
    readonly extra_contact_info: string | null;
    readonly report_id: string | null;
    readonly date_range: { readonly begin: number | null; readonly end: number | null };
    readonly error: readonly string[];
    readonly generator: string | null;
  };
  readonly policy_published: PolicyPublished;
  readonly records: readonly AggregateRecord[];
  readonly extensions: readonly ReportExtension[];
  /** What had to be mended to read it; empty for a well-formed one. */
  readonly mended: readonly Mend[];
};

/** `truncated`: the end is missing, and with it maybe records. */
export type Mend =
  | 'encoding'
  | 'html-escaped'
  | 'no-root'
  | 'text-around'
  | 'tags'
  | 'truncated'
  | 'several-policies';

export type PolicyPublished = {
  readonly domain: string | null;
  readonly version_published: number | string | null;
  readonly adkim: string | null;
  readonly aspf: string | null;
  readonly p: string | null;
  readonly sp: string | null;
  readonly np: string | null;
  readonly pct: number | null;
  readonly fo: string | null;
  readonly testing: boolean;
  readonly discovery_method: string | null;
};

export type AggregateRecord = {
  readonly row: {
    readonly source_ip: string | null;
    /** Messages; null: not said, at least one. */
    readonly count: number | null;
    readonly policy_evaluated: {
      readonly disposition: string | null;
      /** DMARC's view: passed and aligned. */
      readonly dkim: string | null;
      readonly spf: string | null;
      readonly reason: readonly OverrideReason[];
    };
  };
  readonly identifiers: {
    readonly header_from: string | null;
    readonly envelope_from: string | null;
    readonly envelope_to: string | null;
  };
  readonly auth_results: {
    readonly dkim: readonly {
      readonly domain: string | null;
      readonly selector: string | null;
      readonly result: string | null;
      readonly human_result: string | null;
    }[];
    readonly spf: readonly {
      readonly domain: string | null;
      readonly scope: string | null;
      readonly result: string | null;
      readonly human_result: string | null;
    }[];
  };
  readonly extensions: readonly ReportExtension[];
};

export type OverrideReason = {
  /** As sent. */
  readonly type: string | null;
  /** The same in the vocabulary of RFC 9990, which has no `sampled_out` or `forwarded` any more. */
  readonly type_rfc9990: string | null;
  readonly comment: string | null;
};

export type ReportExtension = { readonly name: string | null; readonly definition: string | null };

/** A report about one mail: a complaint (RFC 5965) or an authentication failure (RFC 6591, DMARC `ruf`). */
export type FeedbackReport = {
  readonly kind: 'complaint' | 'dmarc-failure';
  /** `abuse`, `fraud`, `not-spam`, `opt-out`, `virus`, `other`, `auth-failure`, or another word as sent. */
  readonly feedback_type: string | null;
  readonly user_agent: string | null;
  readonly version: number | null;
  /** Mails of this kind, RFC 5965 §3.2: 1 when the report does not say. */
  readonly incidents: number;
  /** Seconds since 1970, when the mail arrived at the reporter; `arrival_date_text` as sent. */
  readonly arrival_date: number | null;
  readonly arrival_date_text: string | null;
  readonly source_ip: string | null;
  readonly source_port: number | null;
  readonly original_envelope_id: string | null;
  readonly original_mail_from: string | null;
  readonly original_rcpt_to: string | null;
  readonly reporting_mta: string | null;
  readonly reported_domain: readonly string[];
  readonly reported_uri: readonly string[];
  readonly authentication_results: readonly string[];
  readonly auth_failure: string | null;
  readonly delivery_result: string | null;
  readonly identity_alignment: string | null;
  readonly dkim_domain: string | null;
  readonly dkim_identity: string | null;
  readonly dkim_selector: string | null;
  readonly dkim_selector_dns: string | null;
  readonly dkim_adsp_dns: string | null;
  readonly dkim_canonicalized_header: string | null;
  readonly dkim_canonicalized_body: string | null;
  readonly spf_dns: string | null;
  /** The header of the mail the report is about, where it came without its body. */
  readonly headers: string | null;
  /** What that mail says of itself. */
  readonly original: {
    readonly message_id: string | null;
    readonly from: string | null;
    readonly to: string | null;
    readonly subject: string | null;
    readonly date: string | null;
  };
  /** false: told in words only, without a machine-readable part; its fields are read from those words. */
  readonly machine_readable: boolean;
};

/** SMTP TLS report (RFC 8460 §4.4). Times as sent (RFC 3339). */
export type TlsReport = {
  readonly kind: 'tls';
  readonly 'organization-name': string | null;
  readonly 'date-range': { readonly 'start-datetime': string | null; readonly 'end-datetime': string | null };
  readonly 'contact-info': string | null;
  readonly 'report-id': string | null;
  readonly policies: readonly TlsPolicyResult[];
};

export type TlsPolicyResult = {
  readonly policy: {
    /** `tlsa`, `sts`, `no-policy-found`. */
    readonly 'policy-type': string | null;
    readonly 'policy-string': readonly string[];
    readonly 'policy-domain': string | null;
    readonly 'mx-host': readonly string[];
  };
  readonly summary: {
    readonly 'total-successful-session-count': number;
    readonly 'total-failure-session-count': number;
  };
  readonly 'failure-details': readonly TlsFailure[];
};

export type TlsFailure = {
  readonly 'result-type': string | null;
  readonly 'sending-mta-ip': string | null;
  readonly 'receiving-mx-hostname': string | null;
  readonly 'receiving-mx-helo': string | null;
  readonly 'receiving-ip': string | null;
  readonly 'failed-session-count': number;
  readonly 'additional-information': string | null;
  readonly 'failure-reason-code': string | null;
};
