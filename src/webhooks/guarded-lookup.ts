import { isIPv6 } from 'node:net';
import type { LookupFunction } from 'node:net';
import { callbackify } from 'node:util';
import { hostAddresses } from '../net/dns/index.ts';
import type { Resolver } from '../net/dns/index.ts';
import type { AddressGuard } from './address-guard.ts';

/** A refusal of ours, told in the words of a look-up. */
export class AddressRefused extends Error {
  readonly code = 'ADDRESS_REFUSED';
}

export type LookupParts = {
  readonly resolver: Resolver;
  readonly guard: AddressGuard;
  /** Only addresses that the configuration names: for requests in the clear. */
  readonly onlyAllowed: boolean;
};

/**
 * Names to addresses for a socket that is about to connect. What it gives is what the socket connects to, so that a
 * name which means another address a moment later gains nothing. Of several addresses one that is refused refuses all:
 * nobody publishes a public address beside a private one for a good reason.
 */
export function guardedLookup({ resolver, guard, onlyAllowed }: LookupParts): LookupFunction {
  const isFine = (address: string): boolean => {
    const verdict = guard(address);
    return verdict === 'allowed' || (verdict === 'public' && !onlyAllowed);
  };
  const find = async (name: string): Promise<readonly string[]> => {
    const found = await addressesOf(resolver, name);
    const refused = found.find((address) => !isFine(address));
    if (refused !== undefined) throw new AddressRefused(refusalText(name, refused, onlyAllowed));
    return found;
  };
  const findThen = callbackify(find);
  return (name, options, done) =>
    findThen(name, (error, addresses) => {
      const all = (addresses ?? []).map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
      const [first] = all;
      if (first === undefined) done(error ?? new Error(`${name} has no address`), '');
      else if (options.all === true) done(null, all);
      else done(null, first.address, first.family);
    });
}

/** Why an address is no place for a webhook. */
export function refusalText(name: string, address: string, onlyAllowed: boolean): string {
  const whose = name === address ? address : `${name} (${address})`;
  return onlyAllowed
    ? `${whose}: http:// is for addresses in webhooks.allowPrivate alone`
    : `${whose} is not on the public internet, and not in webhooks.allowPrivate`;
}

async function addressesOf(resolver: Resolver, name: string): Promise<readonly string[]> {
  // RFC 6761 §6.3: a name that never goes to a name server.
  if (/^(?:.*\.)?localhost\.?$/i.test(name)) return ['127.0.0.1'];
  const found = await hostAddresses(resolver, name.replace(/\.$/, ''));
  if (found.kind !== 'found') throw new Error(`${name} has no address (${found.kind})`);
  return found.addresses;
}
