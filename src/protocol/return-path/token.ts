import { openId, sealId } from './sealed-id.ts';
import type { OpenedId, SealKey } from './sealed-id.ts';

/** What a token entitles to; a token for one purpose is forged for every other. */
export type TokenPurpose = 'unsubscribe' | 'preferences' | 'open' | 'click' | 'not-arrived' | 'diagnosis';

export type TokenParts = {
  readonly purpose: TokenPurpose;
  readonly id: number | string;
  readonly key: SealKey;
};

/** A token for a link or a mailto address: letters, digits and `-` only, lower case. */
export function makeToken({ purpose, id, key }: TokenParts): string {
  return sealId(`token ${purpose}`, id, key);
}

/** Reads a token in any letter case. */
export function readToken(token: string, purpose: TokenPurpose, keys: readonly SealKey[]): OpenedId {
  return openId(`token ${purpose}`, token, keys);
}
