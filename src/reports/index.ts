export { readReport } from './read-report.ts';
export type { ReportReading } from './read-report.ts';
export { faultTexts } from './report-fault.ts';
export type { ReportFault } from './report-fault.ts';
export type { AggregateRecord, AggregateReport, FeedbackReport, Report, TlsReport } from './report.ts';
