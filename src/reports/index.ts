export { readReport } from './read-report.ts';
export type { ReportReading } from './read-report.ts';
export { faultTexts } from './report-fault.ts';
export type { ReportFault } from './report-fault.ts';
export type { AggregateRecord, AggregateReport, FeedbackReport, Report, TlsReport } from './report.ts';
export { describeReport } from './describe-report.ts';
export { reportLimits } from './report-limits.ts';
export { comparableDomain } from './report-values.ts';
export type {
  DmarcTallies,
  DmarcTally,
  ReportKind,
  ReportQuery,
  ReportsTaken,
  ReportStore,
  Signature,
  StoredReport,
  TlsTallies,
  TlsTally,
} from './ports.ts';
export { summariseDmarc } from './dmarc-summary.ts';
export type { DmarcSource, DmarcSummary } from './dmarc-summary.ts';
export type { OwnSenders } from './source-group.ts';
export type { SourceKind } from './source-judgement.ts';
export { summariseTls } from './tls-summary.ts';
export type { TlsSummary, TlsTrouble } from './tls-summary.ts';
