/** Every verdict, in the order of knowledge/verdicts.yaml; a test holds the two equal. */
export const verdictNames = [
  'userunknown',
  'hostunknown',
  'hasmoved',
  'notaccept',
  'suspend',
  'mailboxfull',
  'filtered',
  'mesgtoobig',
  'exceedlimit',
  'authfailure',
  'badreputation',
  'blocked',
  'requireptr',
  'rejected',
  'policyviolation',
  'spamdetected',
  'virusdetected',
  'securityerror',
  'contenterror',
  'notcompliantrfc',
  'syntaxerror',
  'norelaying',
  'failedstarttls',
  'speeding',
  'toomanyconn',
  'systemerror',
  'systemfull',
  'mailererror',
  'networkerror',
  'expired',
  'suppressed',
  'onhold',
  'undefined',
  'delivered',
  'feedback',
  'vacation',
] as const;
/** Why a mail did or did not arrive. */
export type Verdict = (typeof verdictNames)[number];

export const partyNames = ['sender', 'operator', 'recipient', 'recipient-admin', 'nobody'] as const;
/** Whose turn it is. `nobody`: wait, Todoku retries by itself. */
export type Party = (typeof partyNames)[number];

export const actionNames = [
  'remove-address',
  'check-address',
  'retry',
  'slow-down',
  'pause-path',
  'limit-connections',
  'reconnect',
  'split-recipients',
  'shrink-message',
  'fix-content',
  'fix-message',
  'fix-sender-address',
  'fix-authentication',
  'fix-reverse-dns',
  'fix-session',
  'fix-tls',
  'fix-route',
  'fix-login',
  'request-delisting',
  'ask-recipient',
  'ask-recipient-admin',
  'none',
] as const;
/** What helps, in one word for programs; people read the advice. */
export type Action = (typeof actionNames)[number];

export const ruleStageNames = [
  'connect',
  'banner',
  'ehlo',
  'starttls',
  'mail',
  'rcpt',
  'data',
  'eom',
  'session',
] as const;
/** Stages at which a server can reply; a subset of the `Stage` of events. */
export type RuleStage = (typeof ruleStageNames)[number];

export const scopeNames = ['recipient', 'message', 'session', 'host', 'site', 'source'] as const;
/** How far a verdict usually reaches. */
export type ScopeHint = (typeof scopeNames)[number];

export const retryNames = ['never', 'later', 'slower', 'after-repair'] as const;
/**
 * What a further try of the same message is worth: `never` none, `later` it may pass by itself, `slower` it may pass
 * at a lower rate, `after-repair` only once the named party has changed something.
 */
export type RetryClass = (typeof retryNames)[number];

export const confidenceNames = ['published', 'observed', 'reported', 'guess'] as const;
/**
 * Where a rule's certainty comes from: the provider's own page; real replies or maintained rule sets; one third party;
 * nobody but us.
 */
export type ConfidenceWord = (typeof confidenceNames)[number];

/** The numbers only order them: no labelled set was large enough to fit probabilities. */
export const confidenceOf: Readonly<Record<ConfidenceWord, number>> = { published: 0.95, observed: 0.88, reported: 0.7, guess: 0.5 };

export const providerKinds = ['mailbox', 'carrier', 'isp', 'business', 'gateway'] as const;
/** What sort of service a provider is. */
export type ProviderKind = (typeof providerKinds)[number];
