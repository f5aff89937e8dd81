export { createFindings } from './finding.ts';
export type { Certainty, Finding, FindingMaker, FindingParts, Severity } from './finding.ts';
export { summaryOf } from './summary.ts';
export type { FindingSummary } from './summary.ts';
export { loadFindingTexts } from './texts.ts';
export type { FindingText, FindingTexts } from './texts.ts';
export { withinTime } from './time-bound.ts';
