import type { Finding, Severity } from './finding.ts';

/** How many findings there are of each severity. */
export type FindingSummary = { readonly [Each in Severity]: number };

export function summaryOf(findings: readonly Finding[]): FindingSummary {
  const count = (severity: Severity): number => findings.filter((each) => each.severity === severity).length;
  return { ok: count('ok'), info: count('info'), warning: count('warning'), problem: count('problem') };
}
