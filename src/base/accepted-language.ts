import type { Language } from './language.ts';

// A browser sends under 100 characters; what is longer is cut.
const longestHeaderCharacters = 200;

/** RFC 9110 §12.5.4: the better liked of ja and en in an Accept-Language field; null: neither is named. `*` counts as `any`, or not at all. */
export function acceptedLanguage(header: string, any: Language | null = null): Language | null {
  let best: { readonly language: Language; readonly weight: number } | null = null;
  for (const part of header.slice(0, longestHeaderCharacters).split(',')) {
    const match = /^\s*(ja|en|\*)(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(part);
    const language = match === null ? null : languageOf(match[1] ?? '', any);
    if (match === null || language === null) continue;
    const weight = Number(match[2] ?? 1);
    if (weight > 0 && (best === null || weight > best.weight)) best = { language, weight };
  }
  return best?.language ?? null;
}

function languageOf(range: string, any: Language | null): Language | null {
  if (range === '*') return any;
  return range.toLowerCase() === 'ja' ? 'ja' : 'en';
}
