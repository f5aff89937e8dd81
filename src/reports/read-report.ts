import { readAggregateXml } from './aggregate-report.ts';
import type { ReportFault } from './report-fault.ts';
import { reportLimits } from './report-limits.ts';
import { readReportMail } from './report-mail.ts';
import { decodeReportText } from './report-text.ts';
import type { Report } from './report.ts';
import { readTlsJson } from './tls-report.ts';
import { isGzip, isZip, unpackGzip, unpackZip } from './unpack.ts';
import type { Unpacked } from './unpack.ts';
import { holdsAggregateXml } from './xml-pieces.ts';

/** `faults`: of what stood beside the reports and could not be read. */
export type ReportReading =
  | { readonly ok: true; readonly reports: readonly Report[]; readonly faults: readonly ReportFault[] }
  | { readonly ok: false; readonly fault: ReportFault };

/**
 * Reads DMARC aggregate and failure reports, TLS reports and complaints: the document itself, in a gzip or zip, or the mail
 * that carried it. What it is, is told from the bytes; names and types of files are not asked. Never throws; bounded by
 * `reportLimits`.
 */
export function readReport(bytes: Uint8Array): ReportReading {
  if (bytes.length === 0) return { ok: false, fault: 'empty' };
  if (bytes.length > reportLimits.inputBytes) return { ok: false, fault: 'too-large' };
  const search: Search = {
    faults: [],
    textBytesLeft: reportLimits.textBytes,
    unpackedBytesLeft: reportLimits.unpackedBytes,
    mailsLeft: reportLimits.mails,
  };
  const reports = reportsInFile(bytes, 0, search).slice(0, reportLimits.reportsPerInput);
  if (reports.length > 0) return { ok: true, reports, faults: search.faults };
  // What stopped a report from being read says more than that none was found.
  const fault = search.faults.find((each) => each !== 'no-report') ?? 'no-report';
  return { ok: false, fault };
}

/** What one input may still cost: a mail of a hundred small bombs is one bomb. */
type Search = {
  readonly faults: ReportFault[];
  textBytesLeft: number;
  unpackedBytesLeft: number;
  mailsLeft: number;
};

function reportsInFile(bytes: Uint8Array, depth: number, search: Search): readonly Report[] {
  const archive = isGzip(bytes) ? unpackGzip : isZip(bytes) ? unpackZip : null;
  if (archive !== null) return reportsInArchive(bytes, { archive, depth }, search);
  if (search.mailsLeft > 0 && looksLikeMail(bytes, depth)) {
    search.mailsLeft -= 1;
    const found = readReportMail(bytes, (file) => reportsInFile(file, Math.max(1, depth), search));
    if (found.length > 0) return found;
    const raw = rawArchiveAt(bytes);
    if (raw > 0) return reportsInFile(bytes.subarray(raw), Math.max(1, depth), search);
  }
  return reportsInText(bytes, depth, search);
}

/** Where an archive stands in a mail as it is, not encoded (RFC 3030 §3); whoever reads lines has broken it. */
function rawArchiveAt(bytes: Uint8Array): number {
  const mail = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // RFC 1952 §2.3.1: DEFLATE is the only method that there is.
  const found = [
    mail.indexOf('PK\u0003\u0004', 0, 'latin1'),
    mail.indexOf('\u001f\u008b\u0008', 0, 'latin1'),
  ];
  return Math.min(...found.filter((at) => at >= 0), bytes.length) % bytes.length;
}

// Received lines and signatures of a mail that travelled far; its type stands above them or below.
const headerBytes = 16_384;

type Opening = { readonly archive: (bytes: Uint8Array) => Unpacked; readonly depth: number };

function reportsInArchive(bytes: Uint8Array, { archive, depth }: Opening, search: Search): readonly Report[] {
  // A mail counts as one step, so that what it carries may be packed as deep as a file may.
  if (depth > reportLimits.archiveDepth) return failed(search, 'too-deep');
  const unpacked = archive(bytes);
  if (!unpacked.ok) return failed(search, unpacked.fault);
  search.unpackedBytesLeft -= unpacked.files.reduce((sum, file) => sum + file.length, 0);
  if (search.unpackedBytesLeft < 0) return failed(search, 'bomb');
  if (unpacked.damaged) search.faults.push('broken-archive');
  return unpacked.files.flatMap((file) => reportsInFile(file, Math.max(1, depth) + 1, search));
}

function failed(search: Search, fault: ReportFault): readonly Report[] {
  search.faults.push(fault);
  return [];
}

// Base64 of the first octets of a gzip or zip: some reporters paste the file into the text. Two patterns, because one that
// counts characters overflows the stack of the engine at some millions of them.
const pastedStart = /^\s{0,100}(?:H4sI|UEsDB)/;
const notBase64 = /[^\w+/=\s-]/;

function reportsInText(bytes: Uint8Array, depth: number, search: Search): readonly Report[] {
  if (bytes.length > search.textBytesLeft) return failed(search, 'too-large');
  const { text, mended } = decodeReportText(bytes);
  const start = text
    .slice(0, 100)
    .replace(/^\uFEFF/, '')
    .trimStart()[0];
  if (start === '{' || start === '[') {
    if (bytes.length > reportLimits.jsonBytes) return failed(search, 'too-large');
    const reading = readTlsJson(text);
    return reading.ok ? reading.reports : failed(search, reading.fault);
  }
  if (holdsAggregateXml(text)) {
    search.textBytesLeft -= bytes.length;
    const reading = readAggregateXml(text, mended ? ['encoding'] : []);
    return reading.ok ? [reading.report] : failed(search, reading.fault);
  }
  if (pastedStart.test(text) && !notBase64.test(text))
    return reportsInFile(Buffer.from(text, 'base64'), Math.max(1, depth) + 1, search);
  return failed(search, 'no-report');
}

/**
 * Begins with a header field (RFC 5322 §2.2), or with the separator line of an mbox. What is attached, or lies in an archive,
 * is a mail only when it says of what type it is: the text of any letter may begin with a word and a colon.
 */
function looksLikeMail(bytes: Uint8Array, depth: number): boolean {
  const start = Buffer.from(bytes.subarray(0, headerBytes)).toString('latin1').trimStart();
  if (!/^(?:>?From |[!-9;-~]{1,100}[ \t]*:)/.test(start) || start.startsWith('<')) return false;
  return depth === 0 || /^Content-Type[ \t]*:/im.test(start.split(/\r?\n\r?\n/, 1)[0] ?? '');
}
