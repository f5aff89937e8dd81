import { chance } from '../fingerprint.ts';
import type { MailboxAddress } from './mailbox-address.ts';
import type { Behaviour, Provider } from './schema.ts';

/** Whether a behaviour is meant for a recipient: by seed, address and data alone, so that it can be foretold. */
export function isChosen(
  context: { readonly seed: string; readonly provider: Provider },
  behaviour: Behaviour,
  recipient: MailboxAddress,
): boolean {
  if (behaviour.localPart !== undefined && !behaviour.localPart.test(recipient.localPart)) return false;
  if (behaviour.share >= 1) return true;
  return chance(context.seed, context.provider.id, behaviour.id, recipient.full) < behaviour.share;
}
