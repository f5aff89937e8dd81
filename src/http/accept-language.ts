import type { Language } from '../base/index.ts';

// A browser sends under 100 characters; what is longer is cut.
const longestHeaderCharacters = 200;

/** RFC 9110 §12.5.4: the better liked of ja and en; en where neither is named. */
export function acceptedLanguage(header: string | null | undefined): Language {
  if (header === null || header === undefined || header === '') return 'en';
  let best: { readonly language: Language; readonly weight: number } | null = null;
  for (const part of header.slice(0, longestHeaderCharacters).split(',')) {
    const match = /^\s*(ja|en|\*)(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(part);
    if (match === null) continue;
    const weight = Number(match[2] ?? 1);
    const language = match[1]?.toLowerCase() === 'ja' ? 'ja' : 'en';
    if (weight > 0 && (best === null || weight > best.weight)) best = { language, weight };
  }
  return best?.language ?? 'en';
}
