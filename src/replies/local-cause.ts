import type { LocalCause } from '../events/index.ts';
import type { Action, Knowledge, Party, Verdict } from '../knowledge/index.ts';
import type { Classification } from './classify.ts';

type CauseMeaning = {
  readonly verdict: Verdict;
  readonly party: Party;
  readonly action: Action;
  /** Nothing that passes by itself: no server of the domain will ever take the address. */
  readonly final: boolean;
};

const waits = (verdict: Verdict): CauseMeaning => ({
  verdict,
  party: 'nobody',
  action: 'retry',
  final: false,
});

const tlsFault: CauseMeaning = {
  verdict: 'failedstarttls',
  party: 'recipient-admin',
  action: 'fix-tls',
  final: false,
};

// A local failure is our own finding, so there is nothing to match and nothing to guess: one entry each, and the type
// makes a new cause without an entry an error.
const meanings: Readonly<Record<LocalCause, CauseMeaning>> = {
  'dns-nxdomain': { verdict: 'hostunknown', party: 'sender', action: 'remove-address', final: true },
  // Not final as a bounce label: the domain is registered, and a zone that lost its MX usually gets it back.
  'dns-nodata': { verdict: 'hostunknown', party: 'recipient-admin', action: 'check-address', final: false },
  'dns-null-mx': { verdict: 'notaccept', party: 'sender', action: 'remove-address', final: true },
  'dns-timeout': waits('networkerror'),
  'dns-servfail': waits('networkerror'),
  'mx-unresolvable': { verdict: 'networkerror', party: 'recipient-admin', action: 'fix-route', final: false },
  'connect-refused': waits('networkerror'),
  'connect-timeout': waits('networkerror'),
  'connect-unreachable': waits('networkerror'),
  'connect-local': { verdict: 'networkerror', party: 'operator', action: 'fix-session', final: false },
  'connection-lost': waits('networkerror'),
  'reply-timeout': waits('networkerror'),
  'reply-malformed': { verdict: 'syntaxerror', party: 'recipient-admin', action: 'retry', final: false },
  'tls-failed': { verdict: 'failedstarttls', party: 'operator', action: 'fix-tls', final: false },
  'tls-too-old': tlsFault,
  'tls-unavailable': tlsFault,
  'certificate-self-signed': tlsFault,
  'certificate-untrusted': tlsFault,
  'certificate-expired': tlsFault,
  'certificate-name': tlsFault,
  'dane-mismatch': tlsFault,
  'dane-lookup-failed': tlsFault,
  'dane-absent': { ...tlsFault, party: 'operator' },
  'sts-mx-mismatch': tlsFault,
  'requiretls-unavailable': { ...tlsFault, party: 'sender' },
  'size-exceeded': { verdict: 'mesgtoobig', party: 'sender', action: 'shrink-message', final: false },
  'smtputf8-unavailable': {
    verdict: 'notcompliantrfc',
    party: 'sender',
    action: 'check-address',
    final: false,
  },
  'compose-failed': { verdict: 'contenterror', party: 'sender', action: 'fix-content', final: false },
  'too-many-unknown': { verdict: 'networkerror', party: 'operator', action: 'fix-session', final: false },
  expired: { verdict: 'expired', party: 'operator', action: 'fix-route', final: false },
  suppressed: { verdict: 'suppressed', party: 'sender', action: 'none', final: false },
  cancelled: { verdict: 'onhold', party: 'sender', action: 'none', final: false },
};

/** Every local cause, for tests and lists. */
export const localCauses: readonly string[] = Object.keys(meanings);

/** What a failure on our side or on the wire means. */
export function classifyLocal(cause: LocalCause, knowledge: Knowledge): Classification {
  const { verdict, party, action, final } = meanings[cause];
  return {
    verdict,
    detail: cause,
    rule: `local:${cause}`,
    provider: null,
    confidence: 1,
    party,
    hardBounce: final && (knowledge.verdicts.get(verdict)?.hard ?? false),
    action,
  };
}
