import { isIP } from 'node:net';
import { sortableName } from '../base/index.ts';
import type { Bilingual } from '../base/index.ts';
import type { AddressGuard } from './address-guard.ts';
import { eventTypes, isEventType } from './event-type.ts';
import type { Position } from './position.ts';
import { isWebhookSecret, newWebhookSecret } from './signature.ts';
import type { Webhook } from './webhook.ts';

/** What somebody asks for; checked with `webhookFaults`. */
export type WebhookRequest = {
  readonly url: string;
  readonly description: string;
  /** null: all. */
  readonly types: readonly string[] | null;
  readonly domains: readonly string[] | null;
  /** null: a new one. */
  readonly secret: string | null;
};

export type WebhookFault = { readonly field: 'url' | 'types' | 'secret'; readonly text: Bilingual };

// Longer ones are cut or refused on the way.
const longestUrl = 2_000;

/** What is wrong with a request; names are looked up when an event is sent, and each time anew. */
export function webhookFaults(
  request: Pick<WebhookRequest, 'url' | 'types' | 'secret'>,
  guard: AddressGuard,
): readonly WebhookFault[] {
  const faults: WebhookFault[] = [];
  const url = urlFault(request.url, guard);
  if (url !== null) faults.push({ field: 'url', text: url });
  const unknown = (request.types ?? []).find((word) => !isEventType(word));
  if (unknown !== undefined) faults.push({ field: 'types', text: unknownType(unknown) });
  if (request.types?.length === 0) faults.push({ field: 'types', text: noType });
  if (request.secret !== null && !isWebhookSecret(request.secret))
    faults.push({ field: 'secret', text: badSecret });
  return faults;
}

export type WebhookMaking = {
  readonly nowMs: number;
  readonly random: () => number;
  readonly randomBytes: (bytes: number) => Buffer;
  /** Events behind it are told. */
  readonly position: Position;
  readonly owner: string | null;
};

export function makeWebhook(request: WebhookRequest, making: WebhookMaking): Webhook {
  const { nowMs, random, randomBytes, position, owner } = making;
  const { url, description, types, domains } = request;
  return {
    id: `w-${sortableName({ nowMs, random, chanceLetters: 5 })}`,
    url: new URL(url).href,
    description,
    types: types?.filter(isEventType) ?? null,
    domains,
    owner,
    secrets: [{ text: request.secret ?? newWebhookSecret(randomBytes), untilMs: null }],
    createdMs: nowMs,
    pause: null,
    position,
  };
}

function urlFault(text: string, guard: AddressGuard): Bilingual | null {
  const url = text.length > longestUrl ? null : URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return notAUrl;
  if (url.username !== '' || url.password !== '') return withPassword;
  const address = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(address) === 0) return null;
  const verdict = guard(address);
  if (verdict === 'refused') return privateAddress(address);
  return url.protocol === 'http:' && verdict !== 'allowed' ? inTheClear : null;
}

const notAUrl: Bilingual = {
  ja: 'https:// で始まる 2,000 文字以内の URL ではありません',
  en: 'it is not a URL of at most 2,000 characters that starts with https://',
};
const withPassword: Bilingual = {
  ja: 'URL に利用者名やパスワードは書けません。署名で送信元を確かめてください',
  en: 'it has a user name or password in it; check the signature instead',
};
const inTheClear: Bilingual = {
  ja: 'http:// は webhooks.allowPrivate のアドレスにだけ使えます',
  en: 'http:// is for addresses in webhooks.allowPrivate alone',
};

function privateAddress(address: string): Bilingual {
  return {
    ja: `${address} は公開インターネット上になく、webhooks.allowPrivate にもありません`,
    en: `${address} is not on the public internet, and not in webhooks.allowPrivate`,
  };
}

function unknownType(word: string): Bilingual {
  const known = Object.keys(eventTypes).join(', ');
  const shown = JSON.stringify(word.slice(0, 80));
  return { ja: `${shown} という種類はありません（${known}）`, en: `there is no type ${shown} (${known})` };
}

const noType: Bilingual = {
  ja: '空です。すべて受け取るなら省いてください',
  en: 'it is empty; leave it out to get every type',
};
const badSecret: Bilingual = {
  ja: '「whsec_」と、24〜64 バイトの Base64 ではありません',
  en: 'it is not “whsec_” and 24 to 64 octets in base64',
};
