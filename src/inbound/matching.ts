import type { OriginalMail } from '../bounces/index.ts';
import type { ReturnedMatch } from '../events/index.ts';
import { readToken } from '../protocol/return-path/index.ts';
import type { SealKey } from '../protocol/return-path/index.ts';
import type { Destination } from './destination.ts';
import type { SentMessage, SentMessages } from './ports.ts';

/** Which message a mail that came back speaks of. */
export type Match = {
  readonly message: SentMessage | null;
  readonly matchedBy: ReturnedMatch | null;
  /** Proved by a seal of ours, and the message is one that such news can still be about. */
  readonly trusted: boolean;
};

export type MatchingParts = {
  readonly messages: SentMessages;
  readonly keys: readonly SealKey[];
  readonly destination: (address: string) => Destination;
  /** News of a message this long after it was settled is no news: its return path may be in strange hands. */
  readonly staleAfterMs: number;
};

export type Returned = {
  /** Id in the sealed return path that the mail came to; null when it came to another address. */
  readonly sealedId: number | null;
  readonly original: OriginalMail | null;
  readonly atMs: number;
};

const noMatch: Match = { message: null, matchedBy: null, trusted: false };

/**
 * Finds the message: by the return path the mail came to, by the one in the returned header, by Message-ID, by a sealed
 * unsubscribe token in the returned header. A Message-ID proves nothing by itself: every recipient of a copy knows it.
 */
export function createMatching(parts: MatchingParts): (returned: Returned) => Match {
  return ({ sealedId, original, atMs }) => {
    const proof = sealedId ?? returnPathId(original, parts);
    const named = original?.messageId ?? null;
    const byName = named === null ? null : parts.messages.byMessageIdHeader(named);
    if (proof !== null) {
      const match = proved(parts, { id: proof, matchedBy: 'return-path', atMs });
      // Somebody passed on a bounce of another mail of ours: it says nothing about this one.
      return byName === null || byName.id === proof ? match : { ...match, trusted: false };
    }
    const token = tokenId(original, parts.keys);
    if (byName !== null && (token === null || token === byName.id)) {
      const trusted = token === byName.id && canBeNews(parts, byName, atMs);
      return { message: byName, matchedBy: 'message-id', trusted };
    }
    return token === null ? noMatch : proved(parts, { id: token, matchedBy: 'headers', atMs });
  };
}

type Proof = { readonly id: number; readonly matchedBy: ReturnedMatch; readonly atMs: number };

function proved(parts: MatchingParts, { id, matchedBy, atMs }: Proof): Match {
  // Sealed and unknown: the campaign was removed, or the data folder is another one with the same key.
  const message = parts.messages.byId(id);
  return message === null ? noMatch : { message, matchedBy, trusted: canBeNews(parts, message, atMs) };
}

/**
 * Whether news can change anything about this message: it was handed over (or its last attempt may have been, while it
 * waits), not too long ago. What bounced already, or was never sent, cannot bounce again.
 */
function canBeNews(parts: MatchingParts, message: SentMessage, atMs: number): boolean {
  if (message.state === 'waiting') return true;
  if (message.state !== 'delivered') return false;
  return message.settledMs !== null && atMs - message.settledMs <= parts.staleAfterMs;
}

function returnPathId(original: OriginalMail | null, parts: MatchingParts): number | null {
  const address = original?.returnPath ?? null;
  const read = address === null ? null : parts.destination(address);
  return read?.kind === 'return-path' ? read.messageId : null;
}

// `<https://…/u/n1-abc…>` and `<mailto:unsubscribe+n1-abc…@…>`: the token stands before `>`, `@`, `?` or the end.
const tokens = /(?:\/u\/|mailto:unsubscribe\+)([ns][a-z0-9]{1,40}-[a-z2-7]{16})(?=[>@?\s]|$)/gi;
// Two links in our own field; a longer list is a forger's.
const mostTokens = 4;

/** The id in a sealed token of the returned List-Unsubscribe field. */
function tokenId(original: OriginalMail | null, keys: readonly SealKey[]): number | null {
  const fields = original?.headers.filter((field) => field.name.toLowerCase() === 'list-unsubscribe') ?? [];
  const found = fields.flatMap(({ value }) => [...value.replaceAll(/\s+/g, '').matchAll(tokens)]);
  for (const match of found.slice(0, mostTokens)) {
    const read = readToken(match[1] ?? '', 'unsubscribe', keys);
    if (read.ok && typeof read.id === 'number') return read.id;
  }
  return null;
}
