import { gzipSync } from 'node:zlib';
import { formatDate, formatMessageId, textField, tokenField } from '../protocol/message/index.ts';
import type { HeaderField } from '../protocol/message/index.ts';
import type { Reporter, TlsReportDocument } from './report-document.ts';

/** A mail before it is signed. */
export type ReportMail = { readonly headers: readonly HeaderField[]; readonly body: Buffer };

/** RFC 8460 §4.4: the report as it travels. */
export function gzipReport(report: TlsReportDocument): Buffer {
  return gzipSync(JSON.stringify(report.json));
}

/** RFC 8460 §5.1: `reporter!domain!begin!end!id.json.gz`, the times in seconds since 1970. */
export function reportFileName({ day, domain }: TlsReportDocument, reporterDomain: string): string {
  const begin = Date.parse(`${day}T00:00:00Z`) / 1000;
  return `${reporterDomain}!${domain}!${begin}!${begin + secondsOfDay - 1}!001.json.gz`;
}

const secondsOfDay = 86_400;

/** The mail that carries a report (RFC 8460 §5.3). */
export function makeReportMail(
  report: TlsReportDocument,
  { reporter, to, dateMs }: { readonly reporter: Reporter; readonly to: string; readonly dateMs: number },
): ReportMail {
  const own = reporter.contact.slice(reporter.contact.lastIndexOf('@') + 1);
  const { id, domain, day } = report;
  const digest = id.slice(id.lastIndexOf('_') + 1);
  const boundary = `todoku-tls-report-${digest}`;
  const headers = [
    textField('From', reporter.contact),
    textField('To', to),
    tokenField('Date', [formatDate(dateMs)]),
    tokenField('Message-ID', [formatMessageId(`tls-report.${day}.${digest}`, own)]),
    // RFC 8460 §5.3: the form that receivers sort by.
    textField('Subject', `Report Domain: ${domain} Submitter: ${own} Report-ID: <${id}@${own}>`),
    tokenField('TLS-Report-Domain', [domain]),
    tokenField('TLS-Report-Submitter', [own]),
    // RFC 8689 §5: the report of broken TLS must not need TLS.
    tokenField('TLS-Required', ['No']),
    tokenField('Auto-Submitted', ['auto-generated']),
    tokenField('MIME-Version', ['1.0']),
    tokenField('Content-Type', ['multipart/report;', 'report-type="tlsrpt";', `boundary="${boundary}"`]),
  ];
  const body = [
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    'Content-Transfer-Encoding: 7bit',
    '',
    `This is an aggregate TLS report (RFC 8460) about ${domain} for ${day} (UTC).`,
    `Questions: ${reporter.contact}`,
    '',
    `--${boundary}`,
    'Content-Type: application/tlsrpt+gzip',
    'Content-Transfer-Encoding: base64',
    // Whole, not continued (RFC 2231): receivers sort reports by it with simple programs.
    `Content-Disposition: attachment;\r\n filename="${reportFileName(report, own)}"`,
    '',
    ...base64Lines(gzipReport(report)),
    `--${boundary}--`,
    '',
  ];
  return { headers, body: Buffer.from(body.join('\r\n')) };
}

/** RFC 2045 §6.8: at most 76 characters a line. */
function base64Lines(bytes: Buffer): readonly string[] {
  return bytes.toString('base64').match(/.{1,76}/g) ?? [];
}
