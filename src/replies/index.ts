import type { Stage } from '../events/index.ts';

/** What a reply means. Never throws on any input. */
export type Classification = {
  readonly verdict: string;
  readonly detail: string | null;
  /** Id of the rule that won, `status:<code>`, `code:<class>` or `local:<cause>`. */
  readonly rule: string;
  readonly provider: string | null;
  readonly confidence: number;
  /** Whose turn it is: `sender`, `operator`, `recipient`, `recipient-admin`, `nobody`. */
  readonly party: string;
  /** The address should not be tried again. */
  readonly hardBounce: boolean;
};

export type ReplyContext = {
  readonly stage: Stage | null;
  /** MX host that answered, for the provider's own rules. */
  readonly mxHost: string | null;
  readonly domain: string | null;
};
