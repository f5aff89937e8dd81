export { createFindings } from './finding.ts';
export type { Certainty, Finding, FindingMaker, FindingParts, Severity } from './finding.ts';
export { loadFindingTexts } from './texts.ts';
export type { FindingText, FindingTexts } from './texts.ts';
export { withinTime } from './time-bound.ts';
