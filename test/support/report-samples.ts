import { gzipSync } from 'node:zlib';
import { zipSync } from 'fflate';

/** One record of an aggregate report; `fields` replaces what stands between its tags. */
export type SampleRecord = {
  readonly ip?: string;
  readonly count?: number;
  readonly dkim?: string;
  readonly spf?: string;
  readonly headerFrom?: string;
  readonly envelopeFrom?: string;
  readonly disposition?: string;
  readonly reason?: string;
  /** `[domain, selector, result]` of each signature. */
  readonly signatures?: readonly (readonly [string, string, string])[];
  readonly spfDomain?: string;
  readonly spfResult?: string;
};

export type SampleReport = {
  readonly org?: string;
  readonly id?: string;
  readonly domain?: string;
  readonly begin?: number;
  readonly end?: number;
  readonly policy?: string;
};

export function recordXml(record: SampleRecord = {}): string {
  const { ip = '192.0.2.1', count = 1, dkim = 'pass', spf = 'fail', headerFrom = 'example.jp' } = record;
  const signatures = (record.signatures ?? [])
    .map(
      ([domain, selector, result]) =>
        `<dkim><domain>${domain}</domain><selector>${selector}</selector><result>${result}</result></dkim>`,
    )
    .join('');
  const reason = record.reason === undefined ? '' : `<reason><type>${record.reason}</type></reason>`;
  return `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated>
<disposition>${record.disposition ?? 'none'}</disposition><dkim>${dkim}</dkim><spf>${spf}</spf>${reason}</policy_evaluated></row>
<identifiers><envelope_from>${record.envelopeFrom ?? ''}</envelope_from><header_from>${headerFrom}</header_from></identifiers>
<auth_results>${signatures}<spf><domain>${record.spfDomain ?? ''}</domain><result>${record.spfResult ?? spf}</result></spf></auth_results></record>`;
}

export function reportXml(records: readonly string[], report: SampleReport = {}): string {
  const {
    org = 'Reporter',
    id = 'r-1',
    domain = 'example.jp',
    begin = 1_700_000_000,
    end = 1_700_086_399,
  } = report;
  return `<?xml version="1.0" encoding="UTF-8"?>
<feedback><version>1.0</version><report_metadata><org_name>${org}</org_name><email>dmarc@reporter.example</email>
<report_id>${id}</report_id><date_range><begin>${begin}</begin><end>${end}</end></date_range></report_metadata>
<policy_published><domain>${domain}</domain><adkim>r</adkim><aspf>r</aspf><p>${report.policy ?? 'none'}</p><pct>100</pct></policy_published>
${records.join('\n')}
</feedback>`;
}

export function zip(files: Readonly<Record<string, string>>): Uint8Array {
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)])));
}

export function gzip(text: string | Uint8Array): Uint8Array {
  return gzipSync(text);
}

/** A mail that carries `bytes` as its only attachment. */
export function mailWith(bytes: Uint8Array, contentType = 'application/octet-stream'): Buffer {
  return Buffer.from(
    [
      'From: dmarc@reporter.example',
      'To: dmarc@example.jp',
      'Subject: Report Domain: example.jp',
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed; boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/plain',
      '',
      'Here is your report.',
      '--b1',
      `Content-Type: ${contentType}`,
      'Content-Transfer-Encoding: base64',
      '',
      ...(Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,76}/g) ?? []),
      '--b1--',
      '',
    ].join('\r\n'),
  );
}

export function tlsJson(policies: readonly unknown[], id = 't-1'): string {
  return JSON.stringify({
    'organization-name': 'Reporter',
    'date-range': { 'start-datetime': '2026-11-01T00:00:00Z', 'end-datetime': '2026-11-01T23:59:59Z' },
    'contact-info': 'tls@reporter.example',
    'report-id': id,
    policies,
  });
}
