import { z } from 'zod';

const day = 86_400_000;

/** One change of keys, with the day of each step (ISO 8601). Kept for ever: which key signed when. */
export const keyRotation = z.strictObject({
  selector: z.string(),
  file: z.string(),
  replaces: z.array(z.string()),
  made: z.string(),
  verified: z.string().nullable(),
  switched: z.string().nullable(),
  revoked: z.string().nullable(),
});
export type KeyRotation = z.output<typeof keyRotation>;

/** What is seen of a rotation from outside and in the configuration. */
export type RotationSight = {
  readonly nowMs: number;
  /** The new public key stands in the DNS, and it is ours. */
  readonly isPublished: boolean;
  /** Selectors that the configuration signs with. */
  readonly signing: readonly string[];
  /** Every old key is gone from the DNS, or has an empty p=. */
  readonly isOldGone: boolean;
  /** How long a mail may wait in the queue (`delivery.expiry`). */
  readonly expiryMs: number;
};

/** What comes next: publish the new key, change the configuration, wait, revoke the old key; or nothing. */
export type RotationStep =
  | { readonly kind: 'publish' }
  | { readonly kind: 'switch' }
  | { readonly kind: 'wait'; readonly until: string }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'done' };

// Receivers read a mail from the queue, or look at a signature again, days after it was sent (RFC 6376 §3.1: "sufficiently long").
const readingMs = 7 * day;

/** Moves a rotation as far as what is seen allows; the days of steps that were reached are kept. */
export function advanceRotation(
  rotation: KeyRotation,
  sight: RotationSight,
): { readonly rotation: KeyRotation; readonly step: RotationStep } {
  const now = new Date(sight.nowMs).toISOString();
  if (rotation.revoked !== null) return { rotation, step: { kind: 'done' } };
  // A key that disappears again must not be switched to.
  if (!sight.isPublished) return { rotation: { ...rotation, verified: null }, step: { kind: 'publish' } };
  const verified = { ...rotation, verified: rotation.verified ?? now };
  const isSwitched =
    sight.signing.includes(rotation.selector) &&
    !rotation.replaces.some((old) => sight.signing.includes(old));
  if (!isSwitched) return { rotation: { ...verified, switched: null }, step: { kind: 'switch' } };
  const switched = { ...verified, switched: rotation.switched ?? now };
  const untilMs = Date.parse(switched.switched) + sight.expiryMs + readingMs;
  if (sight.nowMs < untilMs)
    return { rotation: switched, step: { kind: 'wait', until: new Date(untilMs).toISOString() } };
  if (!sight.isOldGone) return { rotation: switched, step: { kind: 'revoke' } };
  return { rotation: { ...switched, revoked: now }, step: { kind: 'done' } };
}

/** A selector named for the day, which no other key has. */
export function newSelector(nowMs: number, taken: readonly string[]): string {
  const name = `t${new Date(nowMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
  for (let count = 1; ; count += 1) {
    const selector = count === 1 ? name : `${name}-${count}`;
    if (!taken.includes(selector)) return selector;
  }
}
