export { startSubmission } from './listener.ts';
export type { SubmissionListener } from './listener.ts';
export type {
  SubmissionLimits,
  SubmissionNews,
  SubmissionParts,
  SubmissionPlace,
  SubmissionTls,
} from './options.ts';
export { recipientsOf } from './envelope.ts';
export { readLocalMail } from './local-mail.ts';
export type { LocalMail, LocalReading } from './local-mail.ts';
export type { Submission, SubmissionEnvelope, SubmissionRules } from './ports.ts';
export { readSubmission } from './read-submission.ts';
export type { SubmissionReading } from './read-submission.ts';
