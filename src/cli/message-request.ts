import type { MessageScore } from '../deliverability/index.ts';
import type { CheckAnswer } from './check-answer.ts';

/** A mail to look at. Files are paths. */
export type MessageRequest = {
  readonly mail:
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Buffer }
    | {
        readonly kind: 'template';
        readonly template: string;
        readonly from: string;
        readonly subject: string;
        readonly recipients: string;
        readonly text: string | null;
        readonly defaults: Readonly<Record<string, string>>;
      };
  /** It goes to many, even if its header does not say so. */
  readonly bulk: boolean;
  /** Opens its links. */
  readonly links: boolean;
};

/** What was found in a mail, and what it costs of its points. */
export type MessageAnswer = CheckAnswer & { readonly score: MessageScore };
