import { bodyOctets, bodyText, headerText, mimeLimits, readMime } from '../protocol/mime/index.ts';
import type { MimePart } from '../protocol/mime/index.ts';
import { readFeedbackFields } from './feedback-fields.ts';
import { feedbackReport } from './feedback-report.ts';
import { reportLimits } from './report-limits.ts';
import { originalFacts, unknownOriginal } from './reported-mail.ts';
import type { FeedbackReport, Report } from './report.ts';
import { readWords } from './worded-report.ts';

/** Reads the files that a mail carries: the caller knows how. */
export type ReadFile = (bytes: Uint8Array) => readonly Report[];

/** All reports that a mail carries, attached, inline or nested, whatever their parts are called. */
export function readReportMail(mail: Uint8Array, readFile: ReadFile): readonly Report[] {
  const root = readMime(mail, { ...mimeLimits, octets: reportLimits.inputBytes });
  // The bare part, without the mail that carried it.
  if (root.fields.some((field) => field.name === 'feedback-type'))
    return [
      reportWith(Buffer.from(mail.subarray(0, reportLimits.headerCharacters * 4)).toString('latin1'), []),
    ];
  const found = reportsIn(root, readFile);
  if (found.length > 0) return found.slice(0, reportLimits.reportsPerInput);
  const worded = wordedReport(root);
  return worded === null ? [] : [worded];
}

function reportsIn(part: MimePart, readFile: ReadFile): readonly Report[] {
  const feedback = part.parts.find(isFeedbackPart);
  if (feedback !== undefined)
    return [
      reportWith(
        textOfPart(feedback),
        part.parts.filter((each) => each !== feedback),
      ),
    ];
  if (part.parts.length > 0) return part.parts.flatMap((each) => reportsIn(each, readFile));
  if (part.mediaType.startsWith('multipart/')) return [];
  return readFile(bodyOctets(part, reportLimits.inputBytes));
}

/** By its type, or by its first field when it came as a file of no type. */
function isFeedbackPart(part: MimePart): boolean {
  if (part.mediaType === 'message/feedback-report') return true;
  if (part.parts.length > 0 || !/^(?:text\/plain|application\/octet-stream)$/.test(part.mediaType))
    return false;
  return /^\s*(?:[!-9;-~]{1,60}:[^\n]{0,500}\n){0,3}?Feedback-Type[ \t]*:/i.test(bodyText(part, 4_000));
}

function textOfPart(part: MimePart): string {
  return bodyText(part, reportLimits.headerCharacters * 4);
}

function reportWith(text: string, beside: readonly MimePart[]): FeedbackReport {
  const header = beside.find((part) => /^(?:text|message)\/(?:rfc822|global)-headers?$/.test(part.mediaType));
  const mail = beside.find(
    (part) => part.mediaType === 'message/rfc822' || part.mediaType === 'message/global',
  );
  const headers = header === undefined ? null : textOfPart(header).slice(0, reportLimits.headerCharacters);
  const original = headers ?? mail?.rawBody ?? null;
  return feedbackReport({
    fields: readFeedbackFields(text),
    headers,
    original: original === null ? unknownOriginal : originalFacts(original),
    machineReadable: true,
  });
}

function wordedReport(root: MimePart): FeedbackReport | null {
  const leaves = leavesOf(root);
  const words = leaves.find((part) => part.mediaType === 'text/plain');
  if (words === undefined) return null;
  const worded = readWords(headerText(root, 'subject'), textOfPart(words));
  if (worded === null) return null;
  const header = leaves.find((part) => /^(?:text|message)\/rfc822-headers?$/.test(part.mediaType));
  const mail = mailWithin(root);
  const headers = worded.headers ?? (header === undefined ? null : textOfPart(header));
  const original = headers ?? mail?.rawBody ?? null;
  return feedbackReport({
    fields: worded.fields,
    headers: headers?.slice(0, reportLimits.headerCharacters) ?? null,
    original: original === null ? unknownOriginal : originalFacts(original),
    machineReadable: false,
  });
}

/** Leaves in order, not those of the mails within. */
function leavesOf(part: MimePart): readonly MimePart[] {
  if (part.mediaType === 'message/rfc822') return [];
  return part.parts.length === 0 ? [part] : part.parts.flatMap(leavesOf);
}

function mailWithin(part: MimePart): MimePart | null {
  return part.parts.find((each) => each.mediaType === 'message/rfc822') ?? null;
}
