export { startSubmission } from './listener.ts';
export type { SubmissionListener } from './listener.ts';
export type {
  SubmissionLimits,
  SubmissionNews,
  SubmissionParts,
  SubmissionPlace,
  SubmissionTls,
} from './options.ts';
export type { SubmissionRules } from './ports.ts';
