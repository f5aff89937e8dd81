import type { Language } from '../base/index.ts';

// A browser sends under 100 characters; what is longer is cut.
const longestHeaderCharacters = 200;

/** The language that a link asks for, else the better liked of ja and en (RFC 9110 §12.5.4), else Japanese. */
export function pageLanguage(asked: string | undefined, accepted: string | undefined): Language {
  if (asked === 'ja' || asked === 'en') return asked;
  let best: { readonly language: Language; readonly weight: number } | null = null;
  for (const part of (accepted ?? '').slice(0, longestHeaderCharacters).split(',')) {
    const match = /^\s*(ja|en)(?:-[\w-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*$/i.exec(part);
    if (match === null) continue;
    const weight = Number(match[2] ?? 1);
    const language = match[1]?.toLowerCase() === 'ja' ? 'ja' : 'en';
    if (weight > 0 && (best === null || weight > best.weight)) best = { language, weight };
  }
  // Old phones of Japanese carriers send no such field.
  return best?.language ?? (accepted === undefined || accepted === '' ? 'ja' : 'en');
}
