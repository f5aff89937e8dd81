import type { Finding } from '../findings/index.ts';
import type { LoginMeaning, MailboxFacts } from './mailbox-facts.ts';
import { tellOf } from './mailbox-tools.ts';
import type { MailboxTools } from './mailbox-tools.ts';
import type { PasswordPolicy, Service } from './services.ts';

const findingOf: { readonly [Each in LoginMeaning]: string } = {
  ended: 'password-login-ended',
  app: 'app-password-needed',
  locked: 'account-locked',
  browser: 'browser-login-wanted',
  disabled: 'access-disabled',
  busy: 'maildrop-locked',
  many: 'too-many-connections',
  later: 'login-trouble',
  clear: 'login-trouble',
  unauthenticated: 'wrong-password',
  wrong: 'wrong-password',
};

/** After these another try with the same password only brings the account nearer to being locked. */
export const isOfAccount: ReadonlySet<string> = new Set(
  [
    'password-login-ended',
    'app-password-needed',
    'account-locked',
    'browser-login-wanted',
    'wrong-password',
  ].map((id) => `mailbox.${id}`),
);

// Patterns are tried on what strangers say; a reply line is 512 octets (RFC 5321 §4.5.3.1.5).
const mostCharacters = 1_000;

/** What a server means when it refuses a login; null: words that nobody knows. */
export function meaningOf(said: string, facts: MailboxFacts): LoginMeaning | null {
  const text = said.slice(0, mostCharacters);
  return facts.replies.find(({ pattern }) => pattern.test(text))?.means ?? null;
}

/** The finding for a refused login, in the light of what the provider is known to want. */
export function loginRefused(
  service: Service,
  { said, policy }: { readonly said: string; readonly policy: PasswordPolicy },
  tools: MailboxTools,
): Finding {
  const meaning = meaningOf(said, tools.facts);
  const tell = tellOf(service, tools);
  if (meaning === null) return tell('login-refused', said);
  // The same words for a slip and for a password of the wrong kind: where only one kind goes, that is the likelier.
  if (meaning === 'wrong' && policy !== 'plain')
    return {
      ...tell(policy === 'ended' ? 'password-login-ended' : 'app-password-needed', said),
      certainty: 'likely',
    };
  return tell(findingOf[meaning], said);
}
