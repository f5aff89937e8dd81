import { allows } from '../access/index.ts';
import type { AccessKey, RateAnswer, Scope } from '../access/index.ts';
import type { ApiParts } from './endpoint.ts';
import { problem } from './problem.ts';
import type { Problem } from './problem.ts';

export type Entry = { readonly key: AccessKey; readonly rate: RateAnswer } | { readonly problem: Problem };

/** Who asks, whether he may, and whether not too often. */
export function enter(parts: ApiParts, scope: Scope | null, authorization: string | undefined): Entry {
  // RFC 6750 §2.1; RFC 9110 §11.1: the scheme's name is case-insensitive.
  const token = /^bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  const key = token === undefined ? null : parts.gate.check(token);
  if (key === null) {
    // RFC 9110 §11.6.1: a 401 says which scheme would do.
    return { problem: problem('unauthorized', { headers: { 'www-authenticate': 'Bearer realm="todoku"' } }) };
  }
  const rate = parts.limiter.take(key.id, key.requestsPerMinute ?? parts.limits.requestsPerMinute);
  if (!rate.allowed) {
    const headers = { ...rateHeaders(rate), 'retry-after': String(rate.retryAfterSeconds) };
    return { problem: problem('rate-limited', { headers }) };
  }
  if (scope !== null && !allows(key, scope)) {
    const detail = { ja: `必要なスコープ: ${scope}`, en: `it takes the scope ${scope}` };
    return { problem: problem('scope-missing', { detail, headers: rateHeaders(rate) }) };
  }
  return { key, rate };
}

/** draft-ietf-httpapi-ratelimit-headers-10 §3, §4: structured fields, one policy. */
export function rateHeaders(rate: RateAnswer): Record<string, string> {
  return {
    ratelimit: `"default";r=${rate.remaining};t=${rate.resetSeconds}`,
    'ratelimit-policy': `"default";q=${rate.limit};w=${rate.windowSeconds}`,
  };
}
