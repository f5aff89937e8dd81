import { reportLimits } from './report-limits.ts';
import type { ReportFault } from './report-fault.ts';
import { countOf } from './report-values.ts';
import type { TlsFailure, TlsPolicyResult, TlsReport } from './report.ts';

export type TlsReading =
  | { readonly ok: true; readonly reports: readonly TlsReport[] }
  | { readonly ok: false; readonly fault: ReportFault };

/** Reads the JSON of a TLS report (RFC 8460 §4.4), or a list of them. */
export function readTlsJson(text: string): TlsReading {
  const json = withoutEdges(text);
  const fault = shapeFault(json);
  if (fault !== null) return { ok: false, fault };
  const parsed = parseJson(json);
  if (parsed === undefined) return { ok: false, fault: 'broken-json' };
  const found = (Array.isArray(parsed) ? parsed.slice(0, reportLimits.reportsPerInput) : [parsed]).filter(
    isReport,
  );
  return found.length === 0
    ? { ok: false, fault: 'no-report' }
    : { ok: true, reports: found.map((each) => reportOf(each)) };
}

function isReport(value: unknown): value is Json {
  return isObject(value) && (has(value, 'policies') || has(value, 'organization-name'));
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Zeros at the end are what a fixed buffer leaves. By hand: a pattern for the end of a text looks at every blank in it anew. */
function withoutEdges(text: string): string {
  let end = text.length;
  while (end > 0 && text.charCodeAt(end - 1) <= 0x20) end -= 1;
  // A byte order mark is against RFC 8259 §8.1, and seen.
  return text.slice(text.startsWith('\uFEFF') ? 1 : 0, end);
}

/** Brackets inside of strings count as well: a report has none worth speaking of, and a bomb is found before it is parsed. */
function shapeFault(json: string): ReportFault | null {
  let depth = 0;
  let opened = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === 0x5d || code === 0x7d) depth -= 1;
    if (code !== 0x5b && code !== 0x7b) continue;
    depth += 1;
    opened += 1;
    if (depth > reportLimits.jsonDepth) return 'too-deep';
    if (opened > reportLimits.jsonBrackets) return 'too-large';
  }
  return null;
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reportOf(report: Json): TlsReport {
  const range = objectIn(report, 'date-range');
  return {
    kind: 'tls',
    'organization-name': textIn(report, 'organization-name'),
    'date-range': {
      'start-datetime': textIn(range, 'start-datetime'),
      'end-datetime': textIn(range, 'end-datetime'),
    },
    'contact-info': textIn(report, 'contact-info'),
    'report-id': textIn(report, 'report-id'),
    policies: listIn(report, 'policies').filter(isObject).map(policyOf),
  };
}

function policyOf(result: Json): TlsPolicyResult {
  // Some reporters leave the inner object out.
  const policy = has(result, 'policy') ? objectIn(result, 'policy') : result;
  const summary = has(result, 'summary') ? objectIn(result, 'summary') : result;
  return {
    policy: {
      'policy-type': textIn(policy, 'policy-type')?.toLowerCase() ?? null,
      'policy-string': textsIn(policy, 'policy-string'),
      'policy-domain': textIn(policy, 'policy-domain'),
      // RFC 8460 §4.4 writes `mx-host` in the text, the drafts `mx-host-pattern`.
      'mx-host': [...textsIn(policy, 'mx-host'), ...textsIn(policy, 'mx-host-pattern')],
    },
    summary: {
      'total-successful-session-count': countIn(summary, 'total-successful-session-count'),
      'total-failure-session-count': countIn(summary, 'total-failure-session-count'),
    },
    'failure-details': listIn(result, 'failure-details').filter(isObject).map(failureOf),
  };
}

function failureOf(failure: Json): TlsFailure {
  return {
    'result-type': textIn(failure, 'result-type')?.toLowerCase() ?? null,
    'sending-mta-ip': textIn(failure, 'sending-mta-ip'),
    'receiving-mx-hostname': textIn(failure, 'receiving-mx-hostname'),
    'receiving-mx-helo': textIn(failure, 'receiving-mx-helo'),
    'receiving-ip': textIn(failure, 'receiving-ip'),
    'failed-session-count': countIn(failure, 'failed-session-count'),
    // RFC 8460 §4.4 has the first, its example the second.
    'additional-information': textIn(failure, 'additional-information') ?? textIn(failure, 'additional-info'),
    'failure-reason-code': textIn(failure, 'failure-reason-code') ?? textIn(failure, 'failure-error-code'),
  };
}

/** The member of that name, whatever its case and whether its words are joined by `-` or `_`. */
function valueIn(object: Json, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const key = Object.keys(object)
    .slice(0, reportLimits.listItems)
    .find((each) => each.toLowerCase().replaceAll('_', '-') === name);
  return key === undefined ? undefined : object[key];
}

function has(object: Json, name: string): boolean {
  return valueIn(object, name) !== undefined;
}

function objectIn(object: Json, name: string): Json {
  const value = valueIn(object, name);
  return isObject(value) ? value : {};
}

// More policies or failures than this in one report are no report: one policy a domain, a failure per host and kind.
const mostItems = 10_000;

function listIn(object: Json, name: string): readonly unknown[] {
  const value = valueIn(object, name);
  if (isObject(value)) return [value];
  return Array.isArray(value) ? value.slice(0, mostItems) : [];
}

function textIn(object: Json, name: string): string | null {
  const value = valueIn(object, name);
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, reportLimits.textCharacters) : null;
}

function textsIn(object: Json, name: string): readonly string[] {
  const value = valueIn(object, name);
  const all: readonly unknown[] = Array.isArray(value) ? value.slice(0, reportLimits.listItems) : [value];
  return all.flatMap((each) =>
    typeof each === 'string' && each !== '' ? each.slice(0, reportLimits.textCharacters) : [],
  );
}

function countIn(object: Json, name: string): number {
  const value = valueIn(object, name);
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? value : 0;
  return countOf(typeof value === 'string' ? value : null) ?? 0;
}
