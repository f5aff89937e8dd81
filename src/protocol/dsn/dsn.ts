import type { Bilingual } from '../../base/index.ts';

/** `failed`; `delayed`; `relayed`: taken by a server that does not tell more (RFC 3461 §5.2.2). */
export type DsnAction = 'failed' | 'delayed' | 'relayed';

export type DsnRecipient = {
  readonly address: string;
  /** ORCPT with its type, decoded. */
  readonly originalRecipient: string | null;
  readonly action: DsnAction;
  /** RFC 3463 */
  readonly status: string;
  readonly remoteHost: string | null;
  /** `smtp`: a server's reply; else our own words. */
  readonly said: { readonly smtp: boolean; readonly text: string } | null;
  readonly lastAttemptMs: number | null;
  /** Only of what is delayed. */
  readonly retryUntilMs: number | null;
  /** What it means and what to do, lines with LF. */
  readonly explanation: Bilingual;
};

/** What a delivery status notification says; of one mail, whose recipients all have the same action. */
export type DsnFacts = {
  /** With its angle brackets. */
  readonly messageId: string;
  readonly dateMs: number;
  /** Address that it comes from. */
  readonly from: string;
  readonly to: string;
  readonly reportingHost: string;
  readonly envelopeId: string | null;
  /** When the mail was accepted. */
  readonly arrivalMs: number;
  /** At least one. */
  readonly recipients: readonly DsnRecipient[];
  /** Of the mail it is about. */
  readonly subject: string;
  /** null: no longer kept. */
  readonly original: { readonly bytes: Buffer; readonly part: 'full' | 'headers' } | null;
};
