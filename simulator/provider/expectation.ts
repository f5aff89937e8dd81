import { isChosen } from './choice.ts';
import { readMailboxAddress } from './mailbox-address.ts';
import type { MailboxAddress } from './mailbox-address.ts';
import { isOnlySlow } from './refusal.ts';
import type { Behaviour, Provider } from './schema.ts';

/** What becomes of one message to an address when the sender does everything right. */
export type Expectation = {
  /** null: the domain is not on this internet. */
  readonly provider: string | null;
  /** `expired`: refused for a time at each attempt. `uncertain`: the connection ends after each final dot. */
  readonly fate: 'delivered' | 'refused' | 'expired' | 'uncertain';
  /** null when delivered or uncertain. */
  readonly verdict: string | null;
  readonly stage: 'dns' | 'connect' | 'banner' | 'mail' | 'rcpt' | 'eom' | null;
  /** Id of the deciding behaviour. */
  readonly behaviour: string | null;
  /** Attempts that fail before the deciding one; at least 1 for each behaviour that lasts for a time. */
  readonly setbacks: number;
  /** Copies in the mailbox at the end; more than 1 when the connection was cut after a message had been kept. */
  readonly copies: number;
};

const delivered = {
  fate: 'delivered',
  verdict: null,
  stage: null,
  behaviour: null,
  setbacks: 0,
  copies: 1,
} as const;

/**
 * Foretells by data and seed. Left out is what depends on the sender's pace or content: limits of connections and
 * rates, a block after too many unknown users, words.
 */
export function expectFor(
  context: { readonly seed: string; readonly providers: readonly Provider[] },
  address: string,
): Expectation {
  const recipient = readMailboxAddress(address);
  const provider =
    context.providers.find((candidate) => candidate.domains.includes(recipient.domain)) ??
    context.providers.find((candidate) => candidate.anyDomain);
  if (provider === undefined) {
    return { ...refusal('hostunknown', 'dns'), provider: null };
  }
  const unreachable = expectUnreachable(provider);
  if (unreachable !== null) return { ...unreachable, provider: provider.id };
  return { ...expectReplies({ seed: context.seed, provider }, recipient), provider: provider.id };
}

type Fate = Omit<Expectation, 'provider'>;

function refusal(verdict: string, stage: Expectation['stage']): Fate {
  return { ...delivered, fate: 'refused', verdict, stage, copies: 0 };
}

function expectUnreachable(provider: Provider): Fate | null {
  if (provider.resolves === 'null-mx') return refusal('notaccept', 'dns');
  if (provider.hosts.every((host) => host.state !== 'up')) {
    return { ...refusal('expired', 'connect'), fate: 'expired' };
  }
  const { block } = provider;
  if (block?.afterUnknown === 0 && block.forSeconds === undefined) {
    const fate = block.reply[0]?.[0] === '5' ? 'refused' : 'expired';
    return { ...refusal(block.verdict, block.stage), fate, behaviour: 'block' };
  }
  return null;
}

function expectReplies(
  context: { readonly seed: string; readonly provider: Provider },
  recipient: MailboxAddress,
): Fate {
  let setbacks = 0;
  let copies = 0;
  for (const stage of ['rcpt', 'eom'] as const) {
    for (const behaviour of context.provider.recipients) {
      if (behaviour.stage !== stage || !isChosen(context, behaviour, recipient)) continue;
      if (behaviour.words !== undefined || isOnlySlow(behaviour)) continue;
      if (behaviour.times === undefined && behaviour.forSeconds === undefined) {
        return { ...finalFate(behaviour), setbacks, copies: behaviour.stored ? copies + 1 : copies };
      }
      setbacks += behaviour.times ?? 1;
      if (behaviour.stored) copies += behaviour.times ?? 1;
    }
  }
  return { ...delivered, setbacks, copies: copies + 1 };
}

function finalFate(behaviour: Behaviour): Fate {
  const { stage, id, verdict = null } = behaviour;
  const base = { ...delivered, stage, behaviour: id, copies: 0 };
  if (behaviour.reply === undefined) {
    // A connection that ends before the final dot was sent leaves no doubt: not delivered, tried again until expiry.
    return stage === 'eom' ? { ...base, fate: 'uncertain' } : { ...base, fate: 'expired', verdict };
  }
  return { ...base, fate: behaviour.reply[0]?.[0] === '5' ? 'refused' : 'expired', verdict };
}
