import { lineOf, valueOf, valuesOf } from './feedback-fields.ts';
import type { FeedbackFields } from './feedback-fields.ts';
import type { FeedbackReport } from './report.ts';
import { addressOf, countOf, numberOf, secondsOf, wordOf } from './report-values.ts';
import type { OriginalFacts } from './reported-mail.ts';

/** What came beside the fields. */
export type FeedbackParts = {
  readonly fields: FeedbackFields;
  readonly headers: string | null;
  readonly original: OriginalFacts;
  readonly machineReadable: boolean;
};

/** RFC 5965 §3 and RFC 6591 §3; DMARC's own `Identity-Alignment` of RFC 9991 (formerly RFC 7489 §7.3.1). */
export function feedbackReport({
  fields,
  headers,
  original,
  machineReadable,
}: FeedbackParts): FeedbackReport {
  const type =
    wordOf(lineOf(fields, 'feedback-type')) ?? (fields.has('auth-failure') ? 'auth-failure' : null);
  const arrival = lineOf(fields, 'arrival-date') ?? lineOf(fields, 'received-date');
  return {
    kind: type === 'auth-failure' ? 'dmarc-failure' : 'complaint',
    feedback_type: type,
    user_agent: lineOf(fields, 'user-agent'),
    version: numberOf(lineOf(fields, 'version')),
    incidents: countOf(lineOf(fields, 'incidents')) ?? 1,
    arrival_date: secondsOf(arrival),
    arrival_date_text: arrival,
    source_ip: addressOf(lineOf(fields, 'source-ip')),
    source_port: countOf(lineOf(fields, 'source-port')),
    original_envelope_id: lineOf(fields, 'original-envelope-id'),
    original_mail_from: lineOf(fields, 'original-mail-from'),
    original_rcpt_to: lineOf(fields, 'original-rcpt-to'),
    reporting_mta: withoutType(lineOf(fields, 'reporting-mta')),
    reported_domain: valuesOf(fields, 'reported-domain'),
    reported_uri: valuesOf(fields, 'reported-uri'),
    authentication_results: valuesOf(fields, 'authentication-results'),
    auth_failure: wordOf(lineOf(fields, 'auth-failure')),
    delivery_result: wordOf(lineOf(fields, 'delivery-result')),
    identity_alignment: wordOf(lineOf(fields, 'identity-alignment')),
    dkim_domain: lineOf(fields, 'dkim-domain'),
    dkim_identity: lineOf(fields, 'dkim-identity'),
    dkim_selector: lineOf(fields, 'dkim-selector'),
    dkim_selector_dns: valueOf(fields, 'dkim-selector-dns'),
    dkim_adsp_dns: valueOf(fields, 'dkim-adsp-dns'),
    dkim_canonicalized_header: valueOf(fields, 'dkim-canonicalized-header'),
    dkim_canonicalized_body: valueOf(fields, 'dkim-canonicalized-body'),
    spf_dns: valueOf(fields, 'spf-dns'),
    headers,
    original,
    machine_readable: machineReadable,
  };
}

/** `dns; mail.example.com` (RFC 3464 §2.1.2, which RFC 5965 §3.2 takes over). */
function withoutType(value: string | null): string | null {
  return value?.replace(/^[\w-]{1,20}\s*;\s*/, '') ?? null;
}
