import { createHmac } from 'node:crypto';
import type { WebhookSecret } from './webhook.ts';

/** Standard Webhooks, "Signature scheme": at least 24 octets; 32 are what HMAC-SHA256 makes use of. */
const secretBytes = 32;
const prefix = 'whsec_';

export function newWebhookSecret(randomBytes: (bytes: number) => Buffer): string {
  return `${prefix}${randomBytes(secretBytes).toString('base64')}`;
}

/** Whether a text is a secret of Standard Webhooks: 24 to 64 octets in base64 behind `whsec_`. */
export function isWebhookSecret(text: string): boolean {
  const match = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text);
  const octets = Buffer.from(match?.[1] ?? '', 'base64');
  return octets.length >= 24 && octets.length <= 64 && `${prefix}${octets.toString('base64')}` === text;
}

/** What is signed. */
export type Signed = {
  readonly id: string;
  /** Seconds since 1970: of the attempt, so that an old request cannot be played again. */
  readonly timestamp: number;
  readonly body: string;
};

/** The value of `webhook-signature`: one for each secret that is valid, so that a receiver may know either. */
export function signatureHeader(secrets: readonly WebhookSecret[], signed: Signed, nowMs: number): string {
  const content = `${signed.id}.${signed.timestamp}.${signed.body}`;
  return validSecrets(secrets, nowMs)
    .map(({ text }) => Buffer.from(text.slice(prefix.length), 'base64'))
    .map((key) => `v1,${createHmac('sha256', key).update(content).digest('base64')}`)
    .join(' ');
}

export function validSecrets(secrets: readonly WebhookSecret[], nowMs: number): readonly WebhookSecret[] {
  return secrets.filter(({ untilMs }) => untilMs === null || untilMs > nowMs);
}

/** The new secret signs from now on, and the newest of the old ones until `untilMs`. */
export function rotateSecrets(
  secrets: readonly WebhookSecret[],
  next: string,
  untilMs: number,
): readonly WebhookSecret[] {
  const [current] = secrets;
  return [{ text: next, untilMs: null }, ...(current === undefined ? [] : [{ text: current.text, untilMs }])];
}
